package io.stillframe.storage.zfs;

import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.block.WriteBack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots of zvols. A zvol's snapshot has no device of its own (unless {@code snapdev=visible} shows all of them to
 * everybody), so it is read through a clone, which takes no space and cannot be written to.
 */
final class ZvolLife implements Life {
    /** No look for partitions: nobody on this host shall take a guest's disk for one of its own. */
    private static final String VIEW = "view";

    private static final String REVERT = "revert";
    private static final List<String> FOR_READING = List.of("readonly=on", "volmode=dev");

    private final Zfs zfs;
    private final Clones clones;
    private final Host host;

    ZvolLife(Zfs zfs, Clones clones, Host host) {
        this.zfs = zfs;
        this.clones = clones;
        this.host = host;
    }

    @Override
    public View open(SnapshotName name, String disk) {
        String clone = reader(name, disk, VIEW);
        Outcome made = clones.make(name.zfs(), clone, purpose(name, VIEW), FOR_READING);
        return made.settled() ? new View.Opened(host.device(clone)) : new View.Refused(made.because());
    }

    @Override
    public Outcome close(SnapshotName name, String disk) {
        return clones.remove(reader(name, disk, VIEW), purpose(name, VIEW));
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, SnapshotName name, String label) {
        String clone = name.place().beside(label + "." + snapshot.disk());
        if (clone.length() > Zfs.NAME_MAX) {
            return new Plan.Refused(
                    "the name %s would have %d characters, ZFS allows %d"
                            .formatted(clone, clone.length(), Zfs.NAME_MAX),
                    "give the dataset above it a shorter name (zfs rename)");
        }
        if (clones.exists(clone)) {
            return new Plan.Refused("%s exists already".formatted(clone), "try again: another name will be taken");
        }
        return new Plan.Ready(new Change(
                snapshot.disk(), snapshot.snapshot(), host.device(clone).toString(), snapshot.format()));
    }

    @Override
    public Outcome makeClone(SnapshotName name, Change change, Meter meter) {
        String clone = clone(name, change);
        return clones.make(name.zfs(), clone, purpose(change), List.of());
    }

    @Override
    public Outcome removeClone(SnapshotName name, Change change) {
        return clones.remove(clone(name, change), purpose(change));
    }

    @Override
    public long size(SnapshotName name) {
        return size(name.zfs());
    }

    @Override
    public Optional<Path> target(SnapshotName name) {
        return Optional.of(host.device(name.place().dataset()));
    }

    @Override
    public boolean isInstant(SnapshotName name) {
        List<String> snapshots = zfs.snapshots(name.place().dataset());
        return snapshots.get(snapshots.size() - 1).equals(name.zfs());
    }

    /**
     * Where the snapshot is the newest, ZFS sets the zvol back to it at once. Where it is not, ZFS refuses, because that would
     * cost all newer ones: then the blocks that differ are written back.
     */
    @Override
    public Outcome revert(SnapshotName name, Change change, Meter meter) {
        Path zvol = host.device(name.place().dataset());
        if (!Files.exists(zvol)) {
            return new Outcome.Refused("%s is not there".formatted(zvol));
        }
        try {
            return DiskLock.during(zvol, disk -> {
                Outcome back = rollBack(name, change.disk());
                return back instanceof Outcome.Refused ? writeBack(name, change.disk(), meter) : back;
            });
        } catch (IOException e) {
            return new Outcome.Indeterminate("%s may hold a mixture: %s".formatted(zvol, e));
        }
    }

    /** What was written back so far stays; a clone that it is read from would keep the snapshot. */
    @Override
    public Outcome giveUpRevert(SnapshotName name, Change change) {
        return removeReader(name, change.disk());
    }

    private Outcome removeReader(SnapshotName name, String disk) {
        return clones.remove(reader(name, disk, REVERT), purpose(name, REVERT));
    }

    private Outcome rollBack(SnapshotName name, String disk) {
        Outcome back = zfs.rollback(name.zfs());
        // there may be a reader, of an attempt that was interrupted when there was a newer snapshot
        return back instanceof Outcome.Done ? back.and(withoutReader(name, disk)) : back;
    }

    private Outcome withoutReader(SnapshotName name, String disk) {
        Outcome removed = removeReader(name, disk);
        return removed instanceof Outcome.Refused refused
                ? new Outcome.Indeterminate(
                        "reverted, but %s is left: %s".formatted(reader(name, disk, REVERT), refused.reason()))
                : removed;
    }

    private Outcome writeBack(SnapshotName name, String disk, Meter meter) throws IOException {
        String reader = reader(name, disk, REVERT);
        Outcome made = clones.make(name.zfs(), reader, purpose(name, REVERT), FOR_READING);
        if (!made.settled()) {
            return made;
        }
        boolean first = made instanceof Outcome.Done;
        // one that was begun has to be carried through, and needs less room than this
        Optional<String> shortage = first ? Space.shortage(Space.writtenBack(zfs, name, size(name))) : Optional.empty();
        Optional<String> obstacle = shortage.or(() -> resize(name));
        if (obstacle.isPresent()) {
            return first
                    ? refused(obstacle.get(), removeReader(name, disk))
                    : new Outcome.Indeterminate(obstacle.get());
        }
        new WriteBack(host.device(reader), host.device(name.place().dataset())).run(meter);
        return withoutReader(name, disk);
    }

    private static Outcome refused(String reason, Outcome takenBack) {
        return takenBack.settled()
                ? new Outcome.Refused(reason)
                : new Outcome.Indeterminate("%s; its reader is left: %s".formatted(reason, takenBack.because()));
    }

    /** Gives the zvol the size that it had; why that cannot be. */
    private Optional<String> resize(SnapshotName name) {
        String zvol = name.place().dataset();
        long bytes = size(name);
        Outcome sized = size(zvol) == bytes ? new Outcome.AlreadyDone() : zfs.resize(zvol, bytes);
        return sized.settled() ? Optional.empty() : Optional.of(sized.because());
    }

    private long size(String name) {
        return zfs.require(name, "volsize").number("volsize");
    }

    /** The longest name that anything made of a run's snapshot gets. */
    static String longestName(Place place, String label, String disk) {
        return reader(new SnapshotName(place, label), disk, REVERT);
    }

    private static String reader(SnapshotName name, String disk, String use) {
        return name.place().beside("%s.%s.%s".formatted(name.label(), disk, use));
    }

    private static String purpose(SnapshotName name, String use) {
        return use + ":" + name.label();
    }

    /** The clone's dataset; its own name has no blank, so that its link ends with it. */
    private static String clone(SnapshotName name, Change change) {
        return name.place().beside(Path.of(change.to()).getFileName().toString());
    }

    private static String purpose(Change change) {
        return Path.of(change.to()).getFileName().toString();
    }
}
