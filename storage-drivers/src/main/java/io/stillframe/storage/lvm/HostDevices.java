package io.stillframe.storage.lvm;

import io.stillframe.storage.block.BlockDevice;
import io.stillframe.storage.block.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The real ones. */
final class HostDevices implements BlockDevices {
    /** What the kernel tells of each block device, by its number. */
    private static final Path SYSFS = Path.of("/sys/dev/block");

    @Override
    public Optional<String> number(Path path) {
        try {
            return BlockDevice.number(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean isMapped(Path path) {
        return number(path)
                .filter(number -> Files.exists(SYSFS.resolve(number).resolve("dm")))
                .isPresent();
    }

    @Override
    public boolean isOther(Path path) {
        return Files.exists(path) && !isMapped(path);
    }

    @Override
    public void sync(Path path) throws IOException {
        BlockDevice.sync(path);
    }

    @Override
    public Patience patience() {
        return Patience.USUAL;
    }
}
