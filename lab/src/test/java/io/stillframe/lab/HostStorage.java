package io.stillframe.lab;

import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The volume group and the pool of the host VM, with all that they hold. */
final class HostStorage {
    private static final String GROUP = "sflab";
    private static final String POOL = "sflabpool";

    private HostStorage() {}

    /** Whether a disk lies there. */
    static boolean holds(Path image) {
        return Stream.of("/dev/" + GROUP, "/dev/mapper", "/dev/zvol", "/" + POOL)
                .anyMatch(image::startsWith);
    }

    /** By the names that their tools give them: {@code sflab/volume}, {@code sflabpool/dataset@snapshot}. */
    static Set<Path> all() {
        return Stream.of(
                        Tool.out("lvs", "--noheadings", "--separator", "/", "-o", "vg_name,lv_name", GROUP),
                        Tool.out("zfs", "list", "-H", "-t", "all", "-o", "name", "-r", POOL))
                .flatMap(String::lines)
                .map(String::strip)
                .map(Path::of)
                .collect(Collectors.toSet());
    }
}
