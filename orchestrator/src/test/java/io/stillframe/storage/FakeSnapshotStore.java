package io.stillframe.storage;

import io.stillframe.guest.Faults;
import io.stillframe.storage.exec.CommandException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * A store over a {@link FakeStorage}, of one of the two kinds that there are: one whose volumes stay where they are (LVM,
 * ZFS), or one that moves what the machine writes to (qcow2). Whatever takes time is done in two halves, so that a test can
 * end its process between them.
 *
 * @param moves whether a revert leads to another volume, and a removal moves what was written since into the snapshot's
 * @param machine what a removal does to the definition of a machine
 * @param views where a volume is to be read when it is open
 */
public record FakeSnapshotStore(
        String name, boolean moves, FakeStorage storage, Faults faults, Machine machine, Views views)
        implements SnapshotStore {
    /** Where volumes are shown. */
    @FunctionalInterface
    public interface Views {
        Path of(VolumeSnapshot snapshot);
    }

    /** One whose views nobody reads. */
    public FakeSnapshotStore(String name, boolean moves, FakeStorage storage, Faults faults, Machine machine) {
        this(
                name,
                moves,
                storage,
                faults,
                machine,
                volume -> Path.of(
                        "/run/views", Path.of(volume.snapshot()).getFileName().toString()));
    }

    /** The machine as the storage's driver sees it. */
    @FunctionalInterface
    public interface Machine {
        void goesOnWith(Change change);
    }

    @Override
    public Condition condition(VolumeSnapshot snapshot) {
        return faults.call("store.condition", () -> standing(snapshot), kind -> {
            throw new CommandException("the backend is broken");
        });
    }

    private Condition standing(VolumeSnapshot snapshot) {
        if (storage.isLost(snapshot.snapshot())) {
            return new Condition.Lost("it overflowed");
        }
        return storage.content(snapshot.snapshot())
                .<Condition>map(content -> new Condition.Present(
                        OptionalLong.of(content.length()), moves ? OptionalDouble.empty() : OptionalDouble.of(0.25)))
                .orElseGet(Condition.Absent::new);
    }

    @Override
    public View open(VolumeSnapshot snapshot) {
        return faults.call(
                "store.open",
                () -> {
                    storage.hold(snapshot.snapshot(), true);
                    return new View.Opened(views.of(snapshot));
                },
                kind -> new View.Refused("it cannot be opened"));
    }

    @Override
    public Outcome close(VolumeSnapshot snapshot) {
        return call("store.close", () -> {
            storage.hold(snapshot.snapshot(), false);
            return new Outcome.Done();
        });
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, String label) {
        String clone = "/clones/%s.%s".formatted(snapshot.disk(), label);
        int needed = storage.content(snapshot.snapshot()).map(String::length).orElse(0);
        return new Plan.Ready(
                new Change(snapshot.disk(), snapshot.snapshot(), clone, "raw"),
                Optional.of(new Demand(clone, needed, "fake pool", storage.free())));
    }

    @Override
    public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
        return call("store.makeClone", () -> {
            storage.with(change.to(), FakeStorage.MIXTURE);
            rest("store.makeClone", meter);
            storage.with(change.to(), storage.content(change.from()).orElseThrow());
            return new Outcome.Done();
        });
    }

    @Override
    public Outcome removeClone(VolumeSnapshot snapshot, Change change) {
        return call("store.removeClone", () -> {
            storage.remove(change.to());
            return new Outcome.Done();
        });
    }

    @Override
    public Plan planRevert(VolumeSnapshot snapshot, String label) {
        String to = moves ? "/images/%s.%s".formatted(snapshot.disk(), label) : snapshot.active();
        return new Plan.Ready(new Change(snapshot.disk(), snapshot.active(), to, snapshot.format()));
    }

    @Override
    public Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter) {
        return call("store.revert", () -> {
            storage.with(change.to(), FakeStorage.MIXTURE);
            rest("store.revert", meter);
            storage.with(change.to(), storage.content(snapshot.snapshot()).orElseThrow());
            return new Outcome.Done();
        });
    }

    /** A volume of its own goes; what was overwritten in place stays. */
    @Override
    public Outcome giveUpRevert(VolumeSnapshot snapshot, Change change) {
        return call("store.giveUpRevert", () -> {
            if (!change.from().equals(change.to())) {
                storage.remove(change.to());
            }
            return new Outcome.Done();
        });
    }

    @Override
    public Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives) {
        return faults.call(
                "store.planRemoval",
                () -> {
                    String from = moves ? snapshot.active() : snapshot.snapshot();
                    return new Plan.Ready(new Change(snapshot.disk(), from, snapshot.snapshot(), snapshot.format()));
                },
                kind -> new Plan.Refused("something depends on it", "delete that first"));
    }

    /** What is gone already is gone; a moved content is found at its new place. */
    @Override
    public Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
        return call("store.remove", () -> {
            storage.tell(relatives);
            if (!moves) {
                storage.with(change.from(), FakeStorage.MIXTURE);
                rest("store.remove", meter);
                storage.remove(change.from());
                return new Outcome.Done();
            }
            String written = storage.content(change.from()).orElse(null);
            if (written == null) {
                return new Outcome.AlreadyDone();
            }
            storage.with(change.to(), FakeStorage.MIXTURE);
            rest("store.remove", meter);
            storage.with(change.to(), written);
            machine.goesOnWith(change);
            storage.remove(change.from());
            return new Outcome.Done();
        });
    }

    @Override
    public boolean isMoved(VolumeSnapshot snapshot, Change change, Relatives relatives) {
        return moves && storage.content(change.from()).isEmpty();
    }

    /** The second half of something: here a process may end, the tool may break, the operator may have had enough. */
    private void rest(String name, Meter meter) {
        meter.at(1, 2);
        int unused = faults.call(name + " half", () -> 0, kind -> {
            throw new CommandException(name + " broke half-way");
        });
        meter.at(2, 2);
    }

    private Outcome call(String name, Supplier<Outcome> effect) {
        return faults.call(name, effect, kind -> switch (kind) {
            case REFUSED -> new Outcome.Refused(name + " was refused");
            case REPLY_LOST -> new Outcome.Indeterminate(name + " was not answered");
            case LATE -> throw new CommandException(name + " broke");
        });
    }
}
