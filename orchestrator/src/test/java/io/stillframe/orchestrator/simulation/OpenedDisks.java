package io.stillframe.orchestrator.simulation;

import io.stillframe.orchestrator.proof.RawDisks;
import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The snapshots of a machine's disks, which can be opened to be read; that may go wrong. Nothing else is asked of them. */
record OpenedDisks(World world) implements SnapshotStore {
    @Override
    public String name() {
        return "qcow2";
    }

    @Override
    public Condition condition(VolumeSnapshot snapshot) {
        return new Condition.Present(OptionalLong.empty(), OptionalDouble.empty());
    }

    @Override
    public View open(VolumeSnapshot snapshot) {
        Optional<Fault> fault = enter("open " + snapshot.disk());
        if (fault.isPresent()) {
            return new View.Refused("it cannot be opened");
        }
        world.gate.leave();
        return new View.Opened(
                world.plan.windows()
                        ? RawDisks.whole("ntfs-made")
                        : RawDisks.ext4(world.machine.guest().frozenAtSwitch().orElse(false)));
    }

    @Override
    public Outcome close(VolumeSnapshot snapshot) {
        Optional<Fault> fault = enter("close " + snapshot.disk());
        if (fault.isPresent()) {
            return new Outcome.Indeterminate("it cannot be closed");
        }
        world.gate.leave();
        return new Outcome.Done();
    }

    private Optional<Fault> enter(String call) {
        world.gate.enter("store " + call);
        Optional<Fault> fault = world.gate.fault();
        world.gate.process().pass(world.gate.duration(500, fault));
        return fault;
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, String label) {
        throw unasked();
    }

    @Override
    public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
        throw unasked();
    }

    @Override
    public Outcome removeClone(VolumeSnapshot snapshot, Change change) {
        throw unasked();
    }

    @Override
    public Plan planRevert(VolumeSnapshot snapshot, String label) {
        throw unasked();
    }

    @Override
    public Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter) {
        throw unasked();
    }

    @Override
    public Outcome giveUpRevert(VolumeSnapshot snapshot, Change change) {
        throw unasked();
    }

    @Override
    public Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives) {
        throw unasked();
    }

    @Override
    public Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
        throw unasked();
    }

    private static UnsupportedOperationException unasked() {
        return new UnsupportedOperationException("a run does not ask that of a store");
    }
}
