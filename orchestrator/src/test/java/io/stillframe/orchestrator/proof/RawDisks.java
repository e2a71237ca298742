package io.stillframe.orchestrator.proof;

import io.stillframe.orchestrator.proof.image.SparseImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Disks as raw files that hold one of the captured filesystems: what a machine's disk is after a snapshot of that moment.
 */
public final class RawDisks {
    /** Where the table's first partition begins. */
    private static final long FIRST = 1 << 20;

    private static final ConcurrentHashMap<String, Path> FILES = new ConcurrentHashMap<>();

    private RawDisks() {}

    /** The disk of a guest with one ext4, which was frozen at that moment or was not. */
    public static Path ext4(boolean frozen) {
        return of(frozen ? "ext4-frozen" : "ext4-live");
    }

    /** One with this in its first partition. */
    public static Path of(String captured) {
        return FILES.computeIfAbsent(
                captured, name -> write(name, Captured.of("gpt-4k-table").with(FIRST, Captured.of(captured))));
    }

    /** One that holds this and has no table. */
    public static Path whole(String captured) {
        return FILES.computeIfAbsent("whole-" + captured, name -> write(name, Captured.of(captured)));
    }

    private static Path write(String name, SparseImage disk) {
        try {
            Path file = Files.createTempFile("disk-" + name, ".raw");
            file.toFile().deleteOnExit();
            return disk.writeTo(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
