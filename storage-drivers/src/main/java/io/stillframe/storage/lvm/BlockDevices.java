package io.stillframe.storage.lvm;

import io.stillframe.storage.block.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The block devices of this host. */
interface BlockDevices {
    /** The number of the device that a path leads to, {@code major:minor}; empty where it leads to none. */
    Optional<String> number(Path path);

    /** Whether a path leads to a device of the device mapper, as LVM's are. */
    boolean isMapped(Path path);

    /** Whether a path leads to anything else: not LVM's, then. One of a volume that is not active leads to nothing. */
    boolean isOther(Path path);

    /**
     * Has a device hold what this host's page cache holds for it.
     *
     * @throws IOException when it cannot
     */
    void sync(Path path) throws IOException;

    /** With whoever has one open for a moment. */
    Patience patience();
}
