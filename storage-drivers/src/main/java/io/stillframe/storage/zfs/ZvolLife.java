package io.stillframe.storage.zfs;

import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.block.WriteBack;
import io.stillframe.storage.exec.CommandException;
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
    private static final String VIEW = "view";
    private static final String REVERT = "revert";

    /**
     * No look for partitions: nobody on this host shall take a guest's disk for one of its own. And no automatic snapshots, by
     * whoever asks before taking them: a clone with snapshots cannot be removed.
     */
    private static final List<String> FOR_READING =
            List.of("readonly=on", "volmode=dev", "com.sun:auto-snapshot=false");

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

    /** The blocks that differ are written, also where the snapshot is the newest: {@link Zfs} tells why nothing is rolled back. */
    @Override
    public Outcome revert(SnapshotName name, Change change, Meter meter) {
        Path zvol = host.device(name.place().dataset());
        if (!Files.exists(zvol)) {
            return new Outcome.Refused("%s is not there".formatted(zvol));
        }
        try {
            return DiskLock.during(zvol, disk -> writeBack(name, change.disk(), meter));
        } catch (IOException e) {
            return new Outcome.Indeterminate("%s may hold a mixture: %s".formatted(zvol, e));
        }
    }

    /** What was written back so far stays; what it is read from would keep the snapshot. */
    @Override
    public Outcome giveUpRevert(SnapshotName name, Change change) {
        return Hold.ofRevert(zfs, name, change.disk()).release().and(removeLeftover(name, change.disk()));
    }

    @Override
    public Optional<String> leftover(SnapshotName name, String disk) {
        return Optional.of(reader(name, disk, REVERT))
                .filter(reader -> clones.isRemovable(reader, purpose(name, REVERT)));
    }

    @Override
    public Outcome removeLeftover(SnapshotName name, String disk) {
        return clones.remove(reader(name, disk, REVERT), purpose(name, REVERT));
    }

    /** The hold tells that it has begun and is not done. The reader does not: others may keep that from being removed. */
    private Outcome writeBack(SnapshotName name, String disk, Meter meter) throws IOException {
        Hold hold = Hold.ofRevert(zfs, name, disk);
        Outcome held = hold.take();
        if (!held.settled()) {
            return held;
        }
        boolean first = held instanceof Outcome.Done;
        Outcome ready = prepare(name, disk, first);
        if (ready.settled()) {
            new WriteBack(
                            host.device(reader(name, disk, REVERT)),
                            host.device(name.place().dataset()))
                    .run(meter);
        } else if (!first || ready instanceof Outcome.Indeterminate) {
            return new Outcome.Indeterminate(ready.because());
        }
        Outcome released = hold.release();
        if (!released.settled()) {
            return new Outcome.Indeterminate("%s is still held: %s".formatted(name, released.because()));
        }
        tryToRemoveReader(name, disk);
        return ready.settled() ? new Outcome.Done() : ready;
    }

    /** All that can be refused, before anything is written. */
    private Outcome prepare(SnapshotName name, String disk, boolean first) {
        // one that was begun has to be carried through, and needs less room than this
        Optional<String> shortage = first ? Space.shortage(Space.writtenBack(zfs, name, size(name))) : Optional.empty();
        if (shortage.isPresent()) {
            return new Outcome.Refused(shortage.get());
        }
        Outcome made = clones.make(name.zfs(), reader(name, disk, REVERT), purpose(name, REVERT), FOR_READING);
        return made.settled() ? resize(name) : made;
    }

    /** Where somebody has made a snapshot of it, say, it stays, for the next revert to the snapshot, or its removal. */
    private void tryToRemoveReader(SnapshotName name, String disk) {
        try {
            var unused = removeLeftover(name, disk);
        } catch (CommandException e) {
            // nothing rests on it
        }
    }

    /** Gives the zvol the size that it had. */
    private Outcome resize(SnapshotName name) {
        String zvol = name.place().dataset();
        long bytes = size(name);
        return size(zvol) == bytes ? new Outcome.AlreadyDone() : zfs.resize(zvol, bytes);
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
