package io.stillframe.storage.zfs;

import io.stillframe.storage.block.BlockDevice;
import io.stillframe.storage.block.Mount;
import io.stillframe.storage.block.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The device nodes and mounts of a host.
 *
 * @param dev {@code /dev}
 * @param mountinfo {@code /proc/self/mountinfo}
 * @param patience with whoever on this host has a zvol open for a moment
 */
record Host(Path dev, Path mountinfo, Patience patience) {
    static final Host LOCAL = new Host(Path.of("/dev"), Path.of("/proc/self/mountinfo"), Patience.USUAL);

    /** The link that udev makes for a zvol; {@code zvol_id} writes a blank as a plus. It outlives a reboot, {@code zdN} not. */
    Path device(String zvol) {
        return dev.resolve("zvol").resolve(zvol.replace(' ', '+'));
    }

    /** Whether this is a whole zvol, and not a partition of one. */
    boolean isZvol(Path real) {
        return real.startsWith(dev) && real.getFileName().toString().matches("zd[0-9]+");
    }

    /** A path with all its links resolved; empty where nothing is there. */
    static Optional<Path> real(Path path) {
        try {
            return Optional.of(path.toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    List<Mount> mounts() {
        return Mount.read(mountinfo);
    }

    /** Where a dataset is mounted whole. */
    Optional<Path> mountPoint(String dataset) {
        return mounts().stream()
                .filter(mount -> mount.type().equals("zfs") && mount.source().equals(dataset))
                .filter(mount -> mount.root().equals(Path.of("/")))
                .map(Mount::point)
                .reduce((first, last) -> last);
    }

    /** Writes out what this host's page cache has of a device. */
    static void force(Path device) {
        try {
            BlockDevice.sync(device);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot sync %s: %s".formatted(device, e), e);
        }
    }
}
