package io.stillframe.storage.lvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The real ones. */
final class HostDevices implements BlockDevices {
    /** {@code S_IFMT} and {@code S_IFBLK} of inode(7). */
    private static final int TYPE = 0170000;

    private static final int BLOCK = 0060000;

    @Override
    public Optional<String> number(Path path) {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            if ((mode & TYPE) != BLOCK) {
                return Optional.empty();
            }
            return Optional.of(number((Long) Files.getAttribute(path, "unix:rdev")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean isMapped(Path path) {
        try {
            return path.toRealPath().getFileName().toString().startsWith("dm-");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As gnu_dev_major and gnu_dev_minor of makedev(3) take it apart. */
    static String number(long device) {
        long major = ((device >> 8) & 0xfff) | ((device >> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >> 12) & ~0xffL);
        return (major & 0xffffffffL) + ":" + (minor & 0xffffffffL);
    }

    /** Opened for reading only: the close of a writer would have udev look at the device anew. */
    @Override
    public void sync(Path path) throws IOException {
        try (FileChannel device = FileChannel.open(path, StandardOpenOption.READ)) {
            device.force(true);
        }
    }
}
