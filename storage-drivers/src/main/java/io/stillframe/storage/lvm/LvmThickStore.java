package io.stillframe.storage.lvm;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Demand;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.block.WriteBack;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The life of thick snapshots. A clone is a copy; a machine is brought back by writing to its volume what differs, which
 * leaves the snapshot and all others as they are.
 */
public final class LvmThickStore extends LvmStore {

    /**
     * A store for one machine.
     *
     * @param machine the UUID of the domain
     */
    public LvmThickStore(Commands commands, String machine) {
        this(new Lvm(commands), new HostDevices(), machine);
    }

    LvmThickStore(Lvm lvm, BlockDevices devices, String machine) {
        super(lvm, devices, machine);
    }

    @Override
    public String name() {
        return "lvm-thick";
    }

    @Override
    public SnapshotStore glance() {
        return new LvmThickStore(lvm.remembering(), devices, own.machine());
    }

    @Override
    public Condition condition(VolumeSnapshot snapshot) {
        return life.condition(snapshot, LvmThickStore::well);
    }

    private static Condition well(LogicalVolume volume) {
        if (!volume.isThickSnapshot()) {
            return new Condition.Absent();
        }
        if (!volume.isActive()) {
            return new Condition.Unknown(
                    "%s is not active, so that LVM does not tell how it is".formatted(volume.name()));
        }
        return volume.isInvalid()
                ? new Condition.Lost("more was written to its origin than the %d MiB set aside for it can hold"
                        .formatted(volume.size() >> 20))
                : new Condition.Present(OptionalLong.of(used(volume)), volume.fill());
    }

    @Override
    public View open(VolumeSnapshot snapshot) {
        Condition condition = condition(snapshot);
        return condition instanceof Condition.Absent || condition instanceof Condition.Lost
                ? new View.Refused("it cannot be read: " + condition)
                : life.open(snapshot, () -> condition(snapshot), Outcome.AlreadyDone::new);
    }

    /** It stays active, as its origin has to keep it up to date. */
    @Override
    public Outcome close(VolumeSnapshot snapshot) {
        return life.close(snapshot, Outcome.AlreadyDone::new);
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, String label) {
        Plan plan = life.planClone(
                snapshot,
                label,
                condition(snapshot),
                () -> life.volume(snapshot)
                        .filter(volume -> volume.wholeExtents(volume.readable()) > volume.groupFree())
                        .map(volume -> "volume group %s has %d MiB free, %d MiB are needed"
                                .formatted(volume.name().group(), volume.groupFree() >> 20, volume.readable() >> 20)));
        return plan instanceof Plan.Ready ready
                ? new Plan.Ready(ready.change(), life.volume(snapshot).map(volume -> demand(volume, ready.change())))
                : plan;
    }

    private static Demand demand(LogicalVolume source, Change clone) {
        return new Demand(
                clone.to(),
                source.wholeExtents(source.readable()),
                "volume group " + source.name().group(),
                source.groupFree());
    }

    @Override
    public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
        return Life.asked(() -> {
            Optional<LogicalVolume> source = life.volume(snapshot).filter(LogicalVolume::isThickSnapshot);
            if (source.isEmpty() || source.get().isInvalid()) {
                return new Outcome.Refused(snapshot.snapshot() + " cannot be read");
            }
            VolumeName clone = Life.clone(change);
            Mark mark = Mark.of(Mark.Kind.CLONE, clone, snapshot.disk());
            Outcome made = own.make(clone, mark, whole(source.get()));
            boolean complete = made instanceof Outcome.AlreadyDone
                    && lvm.volume(clone)
                            .filter(there -> !there.tags().contains(Mark.MAKING))
                            .isPresent();
            return complete || !made.settled() ? made : fill(source.get().name(), clone, meter);
        });
    }

    /** Not wiped: all of it will be compared with the snapshot, and written where it differs. */
    private static List<String> whole(LogicalVolume source) {
        return List.of(
                "--size",
                source.readable() + "b",
                "--zero",
                "n",
                "--wipesignatures",
                "n",
                "--setactivationskip",
                "n",
                "--addtag",
                Mark.MAKING,
                source.name().group());
    }

    private Outcome fill(VolumeName source, VolumeName clone, Meter meter) {
        Outcome written = write(source, clone, meter);
        return written.settled() ? lvm.change("lvchange", List.of("--deltag", Mark.MAKING, clone.toString())) : written;
    }

    private Outcome write(VolumeName source, VolumeName target, Meter meter) {
        for (VolumeName volume : List.of(source, target)) {
            Outcome active = lvm.activate(volume);
            if (!active.settled()) {
                return active;
            }
        }
        try {
            new WriteBack(Path.of(source.path()), Path.of(target.path())).run(meter);
            return new Outcome.Done();
        } catch (IOException e) {
            return new Outcome.Indeterminate("%s is not wholly on %s: %s".formatted(source, target, e.getMessage()));
        }
    }

    @Override
    Life.Revert back(VolumeSnapshot snapshot, Meter meter) {
        return new Life.Revert() {
            @Override
            public Optional<String> against() {
                return LvmThickStore.this.against(snapshot);
            }

            @Override
            public Outcome work() {
                LogicalVolume origin = origins.idle(snapshot.active());
                // also when it goes on: whoever has the volume, or one of its name, by now has it as it is
                Optional<String> reason = unfit(life.volume(snapshot).orElseThrow(), origin);
                return reason.<Outcome>map(Outcome.Indeterminate::new)
                        .orElseGet(() -> write(VolumeName.parse(snapshot.snapshot()), origin.name(), meter));
            }

            /** It makes nothing; what it has written back so far stays. */
            @Override
            public Outcome giveUp() {
                return new Outcome.AlreadyDone();
            }
        };
    }

    @Override
    Optional<String> against(VolumeSnapshot snapshot, LogicalVolume origin) {
        LogicalVolume volume = life.volume(snapshot).orElseThrow();
        return unfit(volume, origin).or(() -> crowded(volume, origin.name()));
    }

    /** Why a volume is none that can be written back to. */
    private static Optional<String> unfit(LogicalVolume snapshot, LogicalVolume origin) {
        if (!snapshot.isSnapshotOf(origin.name()) || snapshot.readable() != origin.size()) {
            return Optional.of("%s is not what %s was taken of any more".formatted(origin.name(), snapshot.name()));
        }
        return origin.isOpen() ? Optional.of(origin.name() + " is in use") : Optional.empty();
    }

    /**
     * What is written back was overwritten once, so it is in the snapshot's own room already; but every other snapshot of
     * the origin may have to take it in as well, and is lost if it cannot.
     */
    private Optional<String> crowded(LogicalVolume volume, VolumeName origin) {
        return lvm.volumes(origin.group()).stream()
                .filter(other -> other.isThickSnapshot() && other.isSnapshotOf(origin) && !other.isInvalid())
                .filter(other -> !other.name().equals(volume.name()))
                .filter(other -> needed(volume, other) > other.size() - used(other))
                .map(other -> "its snapshot %s has %d MiB left for what is overwritten, up to %d MiB may be needed"
                        .formatted(other.name(), (other.size() - used(other)) >> 20, needed(volume, other) >> 20))
                .findFirst();
    }

    /** Each chunk of the one may lie in another chunk of the other. */
    private static long needed(LogicalVolume volume, LogicalVolume other) {
        long chunks = (used(volume) + volume.chunk() - 1) / volume.chunk();
        return chunks * Math.max(volume.chunk(), other.chunk());
    }

    /** LVM tells hundredths of a percent; rounded up. */
    private static long used(LogicalVolume volume) {
        double fill = volume.fill().orElse(1) + 0.0001;
        return Math.min(volume.size(), (long) (fill * volume.size()));
    }
}
