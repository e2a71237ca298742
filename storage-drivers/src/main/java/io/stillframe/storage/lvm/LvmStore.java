package io.stillframe.storage.lvm;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.VolumeSnapshot;
import java.util.Optional;

/** What the stores of thick and of thin snapshots have in common. */
abstract class LvmStore implements SnapshotStore {
    final Lvm lvm;
    final BlockDevices devices;
    final OwnVolumes own;
    final Origins origins;
    final Life life;

    LvmStore(Lvm lvm, BlockDevices devices, String machine) {
        this.lvm = lvm;
        this.devices = devices;
        this.own = new OwnVolumes(lvm, machine);
        this.origins = new Origins(lvm, devices);
        this.life = new Life(lvm, own, origins, devices.patience());
    }

    /** What stands against bringing the machine back to a snapshot; empty where nothing does. */
    final Optional<String> against(VolumeSnapshot snapshot) {
        Condition condition = condition(snapshot);
        return condition instanceof Condition.Present
                ? against(snapshot, origins.idle(snapshot.active()))
                : Optional.of("it cannot be read: " + condition);
    }

    /** How the machine is brought back to a snapshot. */
    abstract Life.Revert back(VolumeSnapshot snapshot, Meter meter);

    @Override
    public Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter) {
        return life.revert(snapshot, back(snapshot, meter));
    }

    @Override
    public Outcome giveUpRevert(VolumeSnapshot snapshot, Change change) {
        return life.giveUpRevert(snapshot, back(snapshot, Meter.NONE));
    }

    /** The same of a snapshot that can be read, with what is known of its origin. */
    abstract Optional<String> against(VolumeSnapshot snapshot, LogicalVolume origin);

    @Override
    public Outcome removeClone(VolumeSnapshot snapshot, Change change) {
        return life.removeClone(snapshot, change);
    }

    @Override
    public Plan planRevert(VolumeSnapshot snapshot, String label) {
        return life.planRevert(snapshot, () -> against(snapshot));
    }

    @Override
    public Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives) {
        return life.planRemoval(snapshot);
    }

    /**
     * Thick snapshots keep all that they need beside their origin, and thin ones share what they have in common without
     * depending on one another.
     */
    @Override
    public Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
        return life.remove(snapshot);
    }
}
