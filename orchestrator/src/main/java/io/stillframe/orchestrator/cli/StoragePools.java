package io.stillframe.orchestrator.cli;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What storage is shared by which machines: of an image the file system that it lies on, of a volume the folder of its
 * device, which is its volume group or its pool.
 */
final class StoragePools {
    private final Map<DomainId, List<Disk>> disks;

    private StoragePools(Map<DomainId, List<Disk>> disks) {
        this.disks = disks;
    }

    /** Of all machines; of none where they cannot be asked, for each then says so itself when its turn comes. */
    static StoragePools of(Hypervisor hypervisor) {
        try {
            return new StoragePools(hypervisor.disks());
        } catch (GuestException e) {
            return new StoragePools(Map.of());
        }
    }

    Set<String> of(DomainId vm) {
        return disks.getOrDefault(vm, List.of()).stream()
                .filter(disk -> !disk.readOnly())
                .flatMap(disk -> disk.source().stream())
                .map(StoragePools::pool)
                .collect(Collectors.toSet());
    }

    private static String pool(String source) {
        try {
            Path folder = Path.of(source).toAbsolutePath().getParent();
            return folder.startsWith("/dev")
                    ? folder.toString()
                    : Files.getFileStore(folder).toString();
        } catch (IOException | InvalidPathException e) {
            return source; // no file or volume of this host
        }
    }
}
