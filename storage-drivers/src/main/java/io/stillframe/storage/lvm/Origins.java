package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the logical volume that a domain's disk is on. */
final class Origins {
    private final Lvm lvm;
    private final BlockDevices devices;

    Origins(Lvm lvm, BlockDevices devices) {
        this.lvm = lvm;
        this.devices = devices;
    }

    /** Whether a disk's source may be a logical volume at all: nothing is asked of LVM for the others. */
    static boolean mayBe(String kind, String source) {
        return (kind.equals("block") || kind.equals("file")) && source.startsWith("/dev/");
    }

    /**
     * The volume at a path that LVM gave it, or that leads to its device in any other way.
     *
     * @throws CommandException when LVM does not tell
     */
    Optional<LogicalVolume> find(String source) {
        return find(source, lvm.volumes());
    }

    Optional<LogicalVolume> find(String source, List<LogicalVolume> among) {
        Optional<LogicalVolume> named =
                among.stream().filter(volume -> volume.isAt(source)).findFirst();
        return named.isPresent()
                ? named
                : devices.number(Path.of(source))
                        .flatMap(number -> among.stream()
                                .filter(volume -> volume.isDevice(number))
                                .findFirst());
    }

    /**
     * As {@link #find}, where there was one before.
     *
     * @throws CommandException when there is none any more
     */
    LogicalVolume get(String source) {
        return find(source).orElseThrow(() -> new CommandException(source + " is no logical volume any more"));
    }

    /** As {@link #get}; one that is open then is in use, and not only looked at for a moment. */
    LogicalVolume idle(String source) {
        return devices.patience().await(LogicalVolume::isOpen, () -> get(source));
    }
}
