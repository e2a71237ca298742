package io.stillframe.orchestrator.simulation;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The qcow2 driver, whose calls may go wrong.
 *
 * @param atomic whether it takes all volumes at one instant; otherwise one after the other, and QEMU has to be paused
 */
record Storage(World world, StorageDriver driver, boolean atomic) implements StorageDriver {
    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public Probe probe(Volume volume) {
        return driver.probe(volume);
    }

    @Override
    public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
        return driver.plan(label, volumes);
    }

    @Override
    public Outcome prepare(List<VolumeSnapshot> planned) {
        return call("prepare", planned, driver::prepare);
    }

    @Override
    public boolean atomic(List<VolumeSnapshot> planned) {
        return atomic;
    }

    @Override
    public Outcome quiesce(List<VolumeSnapshot> planned) {
        return call("quiesce", planned, driver::quiesce);
    }

    @Override
    public Outcome create(List<VolumeSnapshot> planned) {
        return call("create", planned, atomic ? driver::create : this::oneByOne);
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        return driver.find(planned);
    }

    @Override
    public Outcome update(List<VolumeSnapshot> planned) {
        return call("update", planned, driver::update);
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        return call("verify", planned, driver::verify);
    }

    @Override
    public Outcome discard(List<VolumeSnapshot> planned) {
        world.promises.beforeDiscard();
        return call("discard", planned, driver::discard);
    }

    private Outcome oneByOne(List<VolumeSnapshot> planned) {
        for (VolumeSnapshot snapshot : planned) {
            Outcome outcome = driver.create(List.of(snapshot));
            if (!(outcome instanceof Outcome.Done)) {
                return outcome;
            }
        }
        return new Outcome.Done();
    }

    private Outcome call(String name, List<VolumeSnapshot> planned, Function<List<VolumeSnapshot>, Outcome> effect) {
        world.gate.enter("driver " + name);
        Optional<Fault> fault = world.gate.fault();
        if (fault.equals(Optional.of(Fault.REFUSED))) {
            return new Outcome.Refused(name + " was refused");
        }
        if (fault.isPresent()) {
            world.gate.process().pass(world.gate.duration(500, fault));
        }
        if (fault.equals(Optional.of(Fault.LATE))) {
            throw new IllegalStateException(name + " broke");
        }
        Outcome outcome = effect.apply(planned);
        world.gate.leave();
        return fault.equals(Optional.of(Fault.REPLY_LOST))
                ? new Outcome.Indeterminate(name + " was not answered")
                : outcome;
    }
}
