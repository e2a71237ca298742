package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.block.OpenDevices;
import io.stillframe.storage.block.Patience;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps QEMU from a disk: it locks some bytes of every image and device that it uses ({@code raw_check_lock_bytes} in its
 * {@code file-posix.c}), whatever libvirt believes. One that has the disk is noticed, and one that is started meanwhile fails.
 *
 * <p>Of a device the lock says less: libvirt gives each QEMU nodes of its own, and a lock is on a node. There whoever has
 * the device open is looked for as well, by its number.
 */
final class DiskLock {
    /** What is done to a disk that nobody else uses. */
    @FunctionalInterface
    interface Work {
        /**
         * Does it.
         *
         * @param disk open for writing. Closing any other channel to the same file gives up the lock: POSIX has one for a
         *     whole process
         */
        Outcome run(FileChannel disk) throws IOException;
    }

    private DiskLock() {}

    /** Does it with the disk locked; where somebody has the disk, and keeps it, nothing is done. */
    static Outcome during(Path disk, Work work) throws IOException {
        if (Patience.USUAL.await(open -> open, () -> OpenDevices.isOpen(disk))) {
            return new Outcome.Refused("somebody has %s open".formatted(disk));
        }
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.tryLock() == null
                    ? new Outcome.Refused("a QEMU has %s open".formatted(disk))
                    : work.run(channel);
        }
    }
}
