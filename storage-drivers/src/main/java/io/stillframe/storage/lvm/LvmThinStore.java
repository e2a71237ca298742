package io.stillframe.storage.lvm;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The life of thin snapshots: whatever is made of them is a snapshot again, at once and whatever their size. */
public final class LvmThinStore extends LvmStore {
    private final LvmThinDriver.Limits limits;
    private final ThinPools pools;
    private final ThinMaking making;
    private final ThinVolumes volumes;

    /**
     * A store for one machine.
     *
     * @param machine the UUID of the domain
     */
    public LvmThinStore(Commands commands, String machine, LvmThinDriver.Limits limits) {
        this(new Lvm(commands), new HostDevices(), machine, limits);
    }

    LvmThinStore(Lvm lvm, BlockDevices devices, String machine, LvmThinDriver.Limits limits) {
        super(lvm, devices, machine);
        this.limits = limits;
        this.pools = new ThinPools(lvm, limits);
        this.making = new ThinMaking(lvm);
        this.volumes = new ThinVolumes(lvm, own, making);
    }

    @Override
    public String name() {
        return "lvm-thin";
    }

    @Override
    public SnapshotStore glance() {
        return new LvmThinStore(lvm.remembering(), devices, own.machine(), limits);
    }

    /** LVM tells what a thin volume maps, not what of it is the volume's alone: its space is not known. */
    @Override
    public Condition condition(VolumeSnapshot snapshot) {
        return life.condition(snapshot, volume -> {
            if (!volume.isThin()) {
                return new Condition.Lost("it is no thin volume any more");
            }
            return making.isMade(volume)
                    ? new Condition.Present(OptionalLong.empty(), OptionalDouble.empty())
                    : new Condition.Lost("it was never taken: LVM was interrupted before its pool had made it");
        });
    }

    @Override
    public View open(VolumeSnapshot snapshot) {
        Condition condition = condition(snapshot);
        return condition instanceof Condition.Present
                ? life.open(snapshot, () -> condition, () -> leave(snapshot))
                : new View.Refused("it cannot be read: " + condition);
    }

    private Outcome leave(VolumeSnapshot snapshot) {
        return lvm.change("lvchange", List.of("--activate", "n", snapshot.snapshot()));
    }

    @Override
    public Outcome close(VolumeSnapshot snapshot) {
        return life.close(snapshot, () -> leave(snapshot));
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, String label) {
        return life.planClone(
                snapshot,
                label,
                condition(snapshot),
                () -> life.volume(snapshot).flatMap(pools::against));
    }

    @Override
    public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
        return Life.asked(() -> {
            VolumeName clone = Life.clone(change);
            Mark mark = Mark.of(Mark.Kind.CLONE, clone, snapshot.disk());
            List<String> how = List.of(
                    "--snapshot",
                    "--activate",
                    "y",
                    "--setactivationskip",
                    "n",
                    "--permission",
                    "rw",
                    snapshot.snapshot());
            return volumes.makeActive(clone, mark, how);
        });
    }

    @Override
    Life.Revert back(VolumeSnapshot snapshot, Meter meter) {
        Swap swap = new Swap(lvm, own, volumes, snapshot);
        return new Life.Revert() {
            @Override
            public Optional<String> against() {
                return LvmThinStore.this.against(snapshot);
            }

            @Override
            public Outcome work() {
                return swap.carryThrough();
            }

            @Override
            public Outcome giveUp() {
                return swap.giveUp();
            }
        };
    }

    @Override
    Optional<String> against(VolumeSnapshot snapshot, LogicalVolume origin) {
        if (origin.isOpen()) {
            return Optional.of(snapshot.active() + " is in use");
        }
        if (!origin.isAt(snapshot.active())) {
            return Optional.of(
                    "the machine's definition names the device %s, and a revert gives the name %s to another one"
                            .formatted(snapshot.active(), origin.name().path()));
        }
        boolean layered = lvm.volumes(origin.name().group()).stream()
                .anyMatch(volume -> volume.isThickSnapshot() && volume.isSnapshotOf(origin.name()));
        return layered
                ? Optional.of(
                        "%s has thick snapshots, which would stay with its former content".formatted(origin.name()))
                : pools.against(origin);
    }
}
