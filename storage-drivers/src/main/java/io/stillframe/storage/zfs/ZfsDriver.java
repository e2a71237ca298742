package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Snapshots of zvols and of image files on ZFS datasets.
 *
 * <p>Crash argument: a run makes nothing but snapshots of one name, its label, each with the label as a property of its own
 * from the moment it is there. A command that was killed may still be carried out by the kernel, but not after the
 * pool has been synced: then the names tell whether it was.
 */
public final class ZfsDriver implements StorageDriver {
    static final String NAME = "zfs";

    private final Zfs zfs;
    private final Host host;
    private final Marks marks;
    private final Limits limits;

    /**
     * How far this driver goes.
     *
     * @param minimumFree bytes that must be free for a dataset beside what its reservation takes
     * @param warningFull how full a pool may be before that is told, in percent from 1 to 100
     * @param maximumFull how full a pool may be for another snapshot to be taken, in percent from 1 to 100
     */
    public record Limits(long minimumFree, int warningFull, int maximumFull) {}

    /** @param machine the machine's UUID or name, told by the snapshots' property {@code io.stillframe:vm} */
    public ZfsDriver(String machine, Commands commands, Limits limits) {
        this(machine, commands, limits, Host.LOCAL);
    }

    ZfsDriver(String machine, Commands commands, Limits limits, Host host) {
        this.zfs = new Zfs(commands);
        this.host = host;
        this.marks = new Marks(machine);
        this.limits = limits;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Probe probe(Volume volume) {
        return new ZfsProbe(zfs, host, limits).of(volume);
    }

    /** @throws CommandException when a volume is no longer where {@link #probe} found it */
    @Override
    public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
        Places places = new Places(zfs, host);
        return volumes.stream()
                .map(volume -> {
                    Place place = places.of(volume)
                            .orElseThrow(() ->
                                    new CommandException("%s is on no ZFS pool any more".formatted(volume.source())));
                    return new VolumeSnapshot(
                            volume.disk(),
                            NAME,
                            new SnapshotName(place, label).toString(),
                            volume.format(),
                            volume.source(),
                            quiesce(place, volume));
                })
                .toList();
    }

    /**
     * QEMU holds back metadata of qcow2 images until it is paused. A zvol lies below the page cache of its device. With {@code
     * unsafe} QEMU passes no flush on, so what waits there has no order, and must not grow while it is written out. A raw
     * file's writes are ZFS's own as soon as they are completed: it has no page cache above it, and a snapshot takes all that
     * the pool has been given, written out or not.
     */
    private static Quiesce quiesce(Place place, Volume volume) {
        if (!volume.format().equals("raw")) {
            return Quiesce.PAUSE;
        }
        if (place.file().isPresent() || !volume.cachedByHost()) {
            return Quiesce.NOTHING;
        }
        return volume.cache().equals("unsafe") ? Quiesce.PAUSE : Quiesce.SYNC;
    }

    /** A snapshot waits for the pool to write out what it has been given: the more of it now, the less in the window. */
    @Override
    public Outcome prepare(List<VolumeSnapshot> planned) {
        try {
            for (String snapshot : targets(planned)) {
                Optional<Properties> there = zfs.get(snapshot, Marks.RUN);
                if (there.isPresent() && !there.get().kept(Marks.RUN, label(planned))) {
                    return new Outcome.Refused("%s exists and is not of this run".formatted(snapshot));
                }
            }
            Optional<String> shortage = shortage(planned);
            if (shortage.isPresent()) {
                return new Outcome.Refused(shortage.get());
            }
            force(planned);
            pools(planned).forEach(zfs::sync);
            return new Outcome.Done();
        } catch (CommandException | UncheckedIOException e) {
            return new Outcome.Refused(e.getMessage());
        }
    }

    private Optional<String> shortage(List<VolumeSnapshot> planned) {
        Map<String, List<String>> byPool = planned.stream()
                .map(snapshot -> SnapshotName.parse(snapshot.snapshot()).place().dataset())
                .distinct()
                .collect(Collectors.groupingBy(Place::poolOf));
        return byPool.values().stream()
                .flatMap(ofPool -> Space.shortage(zfs, ofPool).stream())
                .findFirst();
    }

    /** A pool's snapshots by one command are of one transaction group; two pools have nothing in common. */
    @Override
    public boolean atomic(List<VolumeSnapshot> planned) {
        return pools(planned).size() <= 1;
    }

    @Override
    public Outcome quiesce(List<VolumeSnapshot> planned) {
        try {
            return force(planned) ? new Outcome.Done() : new Outcome.AlreadyDone();
        } catch (UncheckedIOException e) {
            return new Outcome.Refused(e.getMessage());
        }
    }

    @Override
    public Outcome create(List<VolumeSnapshot> planned) {
        return new SnapshotSet(zfs, marks).create(targets(planned), label(planned));
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        pools(planned).forEach(zfs::sync);
        return present(planned);
    }

    /** The machine writes where it wrote before. */
    @Override
    public Outcome update(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        return present(planned) == Presence.PRESENT
                ? new Outcome.AlreadyDone()
                : new Outcome.Refused("not all are there of: " + String.join(", ", targets(planned)));
    }

    /** A snapshot of this name without our mark is somebody else's, and for us not there. */
    @Override
    public Outcome discard(List<VolumeSnapshot> planned) {
        try {
            pools(planned).forEach(zfs::sync);
            return new SnapshotSet(zfs, marks).destroy(targets(planned), label(planned));
        } catch (CommandException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
    }

    private Presence present(List<VolumeSnapshot> planned) {
        List<String> targets = targets(planned);
        int present = new SnapshotSet(zfs, marks).ours(targets, label(planned)).size();
        if (present == 0) {
            return Presence.ABSENT;
        }
        return present == targets.size() ? Presence.PRESENT : Presence.PARTIAL;
    }

    /** Syncs the zvols that need it; whether there are any. */
    private boolean force(List<VolumeSnapshot> planned) {
        List<Path> devices = planned.stream()
                .filter(snapshot -> snapshot.quiesce() != Quiesce.NOTHING)
                .map(snapshot -> SnapshotName.parse(snapshot.snapshot()).place())
                .filter(place -> place.file().isEmpty())
                .map(place -> host.device(place.dataset()))
                .toList();
        devices.forEach(Host::force);
        return !devices.isEmpty();
    }

    /** The snapshots to take: volumes of one dataset share theirs. */
    private static List<String> targets(List<VolumeSnapshot> planned) {
        return planned.stream()
                .map(snapshot -> SnapshotName.parse(snapshot.snapshot()).zfs())
                .distinct()
                .toList();
    }

    private static List<String> pools(List<VolumeSnapshot> planned) {
        return targets(planned).stream().map(Place::poolOf).distinct().toList();
    }

    private static String label(List<VolumeSnapshot> planned) {
        return SnapshotName.parse(planned.get(0).snapshot()).label();
    }
}
