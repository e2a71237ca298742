package io.stillframe.storage.zfs;

import io.stillframe.storage.Probe;
import io.stillframe.storage.Volume;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.zfs.ZfsDriver.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a snapshot of a volume can be taken now, and what will soon stand against it. */
final class ZfsProbe {
    private static final Set<String> KINDS = Set.of("block", "file");
    private static final Set<String> FORMATS = Set.of("raw", "qcow2");
    /** As long as any run's. */
    private static final String LABEL = "sf-000000000000";

    private final Zfs zfs;
    private final Host host;
    private final Limits limits;

    ZfsProbe(Zfs zfs, Host host, Limits limits) {
        this.zfs = zfs;
        this.host = host;
        this.limits = limits;
    }

    Probe of(Volume volume) {
        // below an image chain there is more than this one file: the qcow2 driver's
        if (!KINDS.contains(volume.kind()) || !FORMATS.contains(volume.format()) || volume.depth() > 1) {
            return new Probe.NotMine();
        }
        try {
            Optional<Place> place = new Places(zfs, host).of(volume);
            return place.isEmpty() || !isOneImage(volume) ? new Probe.NotMine() : at(place.get(), volume);
        } catch (CommandException e) {
            return unusable(e.getMessage(), "see 'zpool status' for how its pool is");
        }
    }

    /** By its own header: the definition of a machine that is off need not say what lies below its image. */
    private static boolean isOneImage(Volume volume) {
        return volume.format().equals("raw")
                || ImageChain.of(new Layer(Path.of(volume.source()), volume.format()))
                        .isOneImage();
    }

    private Probe at(Place place, Volume volume) {
        if (!volume.sole()) {
            return unusable(
                    "it is shared, transient or encrypted: others write to it, or it forgets",
                    "detach it for the snapshot, or leave it out with --exclude " + volume.disk());
        }
        int length = Math.max(
                place.dataset().length() + 1 + LABEL.length(),
                place.file().isPresent()
                        ? 0
                        : ZvolLife.longestName(place, LABEL, volume.disk()).length());
        if (length > Zfs.NAME_MAX) {
            return unusable(
                    "the name of a snapshot of %s would have %d characters, ZFS allows %d"
                            .formatted(place.dataset(), length, Zfs.NAME_MAX),
                    "give the dataset a shorter name (zfs rename)");
        }
        Pool pool = zfs.pool(place.pool());
        if (!pool.writable()) {
            return unusable(
                    "pool %s is %s%s".formatted(pool.name(), pool.health(), pool.readOnly() ? " and read-only" : ""),
                    "see 'zpool status %s'".formatted(pool.name()));
        }
        return room(place, pool, warnings(volume, pool));
    }

    private Probe room(Place place, Pool pool, List<String> warnings) {
        if (pool.full() > limits.maximumFull()) {
            return unusable(
                    "pool %s is %d %% full, %d %% are allowed"
                            .formatted(pool.name(), pool.full(), limits.maximumFull()),
                    "remove old snapshots or add disks to the pool, or raise pool-limit in the configuration");
        }
        Space space = Space.of(zfs, place.dataset());
        long needed = space.reserved() + limits.minimumFree();
        if (space.free() < needed) {
            return unusable(
                    "%s has %d MiB free; %d MiB are needed, %d MiB of them to keep its reservation"
                            .formatted(place.dataset(), space.free() >> 20, needed >> 20, space.reserved() >> 20),
                    "remove old snapshots, lower its refreservation, or lower minimum-free in the configuration");
        }
        return new Probe.Usable(warnings);
    }

    private List<String> warnings(Volume volume, Pool pool) {
        List<String> warnings = new ArrayList<>(volume.warnings());
        if (pool.degraded()) {
            warnings.add("pool %s is DEGRADED".formatted(pool.name()));
        }
        if (pool.full() >= limits.warningFull()) {
            warnings.add("pool %s is %d %% full, %d %% are allowed"
                    .formatted(pool.name(), pool.full(), limits.maximumFull()));
        }
        if (host.isZvol(Path.of(volume.source()))) {
            warnings.add("%s may be another zvol after a reboot, its link below %s not"
                    .formatted(volume.source(), host.dev().resolve("zvol")));
        }
        return warnings;
    }

    private static Probe unusable(String reason, String hint) {
        return new Probe.Unusable(reason, hint);
    }
}
