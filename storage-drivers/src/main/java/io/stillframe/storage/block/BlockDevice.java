package io.stillframe.storage.block;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** What Linux tells of block devices. */
public final class BlockDevice {
    /** {@code S_IFMT} and {@code S_IFBLK} of inode(7). */
    private static final int TYPE = 0170000;

    private static final int BLOCK = 0060000;

    private BlockDevice() {}

    /**
     * The number of the device that a path leads to, {@code major:minor}; empty where it leads to none.
     *
     * @throws IOException when what is there cannot be looked at
     */
    public static Optional<String> number(Path path) throws IOException {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            return (mode & TYPE) == BLOCK
                    ? Optional.of(number((Long) Files.getAttribute(path, "unix:rdev")))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** As gnu_dev_major and gnu_dev_minor of makedev(3) take it apart. */
    public static String number(long device) {
        long major = ((device >> 8) & 0xfff) | ((device >> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >> 12) & ~0xffL);
        return (major & 0xffffffffL) + ":" + (minor & 0xffffffffL);
    }

    /**
     * Has a device hold what this host's page cache holds for it. Opened for reading: a sync does not ask for more, and a
     * device that was open for writing is looked at anew by udev.
     *
     * @throws IOException when it cannot
     */
    public static void sync(Path path) throws IOException {
        try (FileChannel device = FileChannel.open(path)) {
            device.force(true);
        }
    }
}
