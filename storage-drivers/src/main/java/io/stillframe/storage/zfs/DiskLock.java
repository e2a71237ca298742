package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps QEMU from a disk: it locks some bytes of every image and device that it uses ({@code raw_check_lock_bytes} in its
 * {@code file-posix.c}), whatever libvirt believes. One that has the disk is noticed, and one that is started meanwhile fails.
 */
final class DiskLock {
    /** What is done to a disk that nobody else uses. */
    @FunctionalInterface
    interface Work {
        Outcome run() throws IOException;
    }

    private DiskLock() {}

    /** Does it with the disk locked; where a QEMU has the disk nothing is done. */
    static Outcome during(Path disk, Work work) throws IOException {
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.tryLock() == null ? new Outcome.Refused("a QEMU has %s open".formatted(disk)) : work.run();
        }
    }
}
