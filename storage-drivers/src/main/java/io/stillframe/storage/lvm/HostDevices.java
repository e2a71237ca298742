package io.stillframe.storage.lvm;

import io.stillframe.storage.block.BlockDevice;
import io.stillframe.storage.block.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The real ones. */
final class HostDevices implements BlockDevices {
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
        try {
            return path.toRealPath().getFileName().toString().startsWith("dm-");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
