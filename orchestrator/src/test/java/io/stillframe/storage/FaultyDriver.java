package io.stillframe.storage;

import io.stillframe.guest.Faults;
import io.stillframe.storage.exec.CommandException;
import java.util.List;
import java.util.function.Supplier;

/** A driver whose calls go wrong as a test says: refused, or done with the answer lost. */
public record FaultyDriver(StorageDriver driver, Faults faults, boolean atomic) implements StorageDriver {
    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public Probe probe(Volume volume) {
        return faults.call(
                "driver.probe",
                () -> driver.probe(volume),
                kind -> new Probe.Unusable("it cannot be looked at", "look again"));
    }

    @Override
    public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
        return faults.call("driver.plan", () -> driver.plan(label, volumes), kind -> {
            throw new CommandException("the storage's tool did not end");
        });
    }

    @Override
    public Outcome prepare(List<VolumeSnapshot> planned) {
        return call("driver.prepare", () -> driver.prepare(planned));
    }

    @Override
    public boolean atomic(List<VolumeSnapshot> planned) {
        return atomic;
    }

    @Override
    public Outcome quiesce(List<VolumeSnapshot> planned) {
        return call("driver.quiesce", () -> driver.quiesce(planned));
    }

    @Override
    public Outcome create(List<VolumeSnapshot> planned) {
        return call("driver.create", () -> driver.create(planned));
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        return driver.find(planned);
    }

    @Override
    public Outcome resume(List<VolumeSnapshot> planned) {
        return call("driver.resume", () -> driver.resume(planned));
    }

    @Override
    public Outcome update(List<VolumeSnapshot> planned) {
        return call("driver.update", () -> driver.update(planned));
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        return call("driver.verify", () -> driver.verify(planned));
    }

    @Override
    public Outcome discard(List<VolumeSnapshot> planned) {
        return call("driver.discard", () -> driver.discard(planned));
    }

    private Outcome call(String name, Supplier<Outcome> effect) {
        return faults.call(name, effect, kind -> switch (kind) {
            case REFUSED -> new Outcome.Refused(name + " was refused");
            case REPLY_LOST -> new Outcome.Indeterminate(name + " was not answered");
            case LATE -> throw new IllegalStateException(name + " broke");
        });
    }
}
