package io.stillframe.storage.zfs;

import io.stillframe.storage.Volume;
import io.stillframe.storage.block.BlockDevice;
import io.stillframe.storage.block.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds a volume in the pools of this host. */
final class Places {
    private final Zfs zfs;
    private final Host host;

    Places(Zfs zfs, Host host) {
        this.zfs = zfs;
        this.host = host;
    }

    /** Empty where the volume does not lie on ZFS. Only a zvol costs a command. */
    Optional<Place> of(Volume volume) {
        return path(volume.source()).flatMap(Host::real).flatMap(real -> {
            if (host.isZvol(real)) {
                return zvol(real);
            }
            return volume.kind().equals("file") && Files.isRegularFile(real) ? file(real) : Optional.empty();
        });
    }

    private Optional<Place> zvol(Path device) {
        return zfs.volumes().stream()
                .filter(zvol -> Host.real(host.device(zvol)).equals(Optional.of(device)))
                .map(zvol -> new Place(zvol, Optional.empty()))
                .findFirst();
    }

    /**
     * The table of mounts says which dataset is where, however it came there ({@code mountpoint=legacy}, a bind mount, another
     * root). The number of the file's device must agree: a mount that hides another would name the wrong dataset.
     */
    private Optional<Place> file(Path real) {
        return Mount.of(real, host.mounts())
                .filter(Mount::isDataset)
                .filter(mount -> mount.device().equals(deviceOf(real)))
                .map(mount -> new Place(mount.source(), Optional.of(mount.within(real))));
    }

    private static String deviceOf(Path file) {
        try {
            return BlockDevice.number((long) Files.getAttribute(file, "unix:dev"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> path(String source) {
        try {
            return Optional.of(Path.of(source)).filter(Path::isAbsolute);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
