package io.stillframe.storage.lvm;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.block.Patience;
import io.stillframe.storage.exec.CommandException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What is done with a snapshot after it was taken, whether it is thick or thin. */
final class Life {
    private final Lvm lvm;
    private final OwnVolumes own;
    private final Origins origins;
    private final Patience patience;
    private final Suspension suspension;

    Life(Lvm lvm, OwnVolumes own, Origins origins, Patience patience) {
        this.lvm = lvm;
        this.own = own;
        this.origins = origins;
        this.patience = patience;
        this.suspension = new Suspension(lvm);
    }

    /** As {@link Snapshots#ours}. */
    Optional<LogicalVolume> volume(VolumeSnapshot snapshot) {
        return Snapshots.ours(lvm, snapshot);
    }

    /** The same for all that a snapshot can be, but for the space of one that is well. */
    Condition condition(VolumeSnapshot snapshot, Function<LogicalVolume, Condition> well) {
        try {
            Optional<LogicalVolume> there = lvm.volume(VolumeName.parse(snapshot.snapshot()));
            if (there.isEmpty()) {
                return new Condition.Absent();
            }
            if (!Snapshots.mark(snapshot).isOn(there.get())) {
                return new Condition.Unknown("%s is not marked as ours any more".formatted(snapshot.snapshot()));
            }
            if (there.get().isMerging()) {
                return new Condition.Lost("somebody merges it into its origin");
            }
            return well.apply(there.get());
        } catch (CommandException e) {
            return new Condition.Unknown(e.getMessage());
        }
    }

    /**
     * Marks it, and makes it active, in this order: what is marked cannot be removed. How it is comes last, for only of an
     * active one LVM can tell.
     *
     * @param condition asked once it is active; what cannot be read then is closed again
     */
    View open(VolumeSnapshot snapshot, Supplier<Condition> condition, Supplier<Outcome> leave) {
        try {
            Optional<LogicalVolume> volume = volume(snapshot);
            if (volume.isEmpty()) {
                return new View.Refused("%s is not there".formatted(snapshot.snapshot()));
            }
            Outcome ready = isShown(volume.get())
                    ? new AlreadyDone()
                    : lvm.change("lvchange", List.of("--addtag", Mark.OPEN, snapshot.snapshot()));
            if (ready.settled() && !volume.get().isActive()) {
                ready = lvm.activate(volume.get().name());
            }
            if (!ready.settled()) {
                return new View.Refused(ready.because());
            }
            Condition found = condition.get();
            if (found instanceof Condition.Present) {
                return new View.Opened(Path.of(volume.get().name().path()));
            }
            close(snapshot, leave);
            return new View.Refused("it cannot be read: " + found);
        } catch (CommandException e) {
            return new View.Refused(e.getMessage());
        }
    }

    /**
     * Ends it in the reverse order.
     *
     * @param leave what follows while nobody reads it any more and it is still marked
     */
    Outcome close(VolumeSnapshot snapshot, Supplier<Outcome> leave) {
        return asked(() -> {
            Optional<LogicalVolume> volume = volume(snapshot, LogicalVolume::isOpen);
            if (volume.filter(Life::isShown).isEmpty()) {
                return new AlreadyDone();
            }
            if (volume.get().isOpen()) {
                return new Refused(snapshot.snapshot() + " is in use");
            }
            Outcome left = leave.get();
            return left.settled() ? lvm.change("lvchange", List.of("--deltag", Mark.OPEN, snapshot.snapshot())) : left;
        });
    }

    Plan planRemoval(VolumeSnapshot snapshot) {
        try {
            return irremovable(snapshot)
                    .<Plan>map(refused -> refused)
                    .orElseGet(() -> new Plan.Ready(
                            new Change(snapshot.disk(), snapshot.snapshot(), snapshot.snapshot(), snapshot.format())));
        } catch (CommandException e) {
            return new Plan.Refused(e.getMessage(), "see what 'lvs' says");
        }
    }

    Outcome remove(VolumeSnapshot snapshot) {
        return asked(() -> {
            Optional<Plan.Refused> irremovable = irremovable(snapshot);
            if (irremovable.isPresent()) {
                return new Refused("%s: %s"
                        .formatted(irremovable.get().reason(), irremovable.get().hint()));
            }
            Optional<LogicalVolume> origin = origins.find(snapshot.active());
            Outcome resumed = origin.isEmpty()
                    ? new AlreadyDone()
                    : suspension.end(origin.get().name(), snapshot);
            if (!resumed.settled()) {
                return resumed;
            }
            Outcome removed = own.remove(VolumeName.parse(snapshot.snapshot()), Snapshots.mark(snapshot));
            return removed.settled() || origin.isEmpty()
                    ? removed
                    : removed.and(suspension.end(origin.get().name(), snapshot));
        });
    }

    /** As {@link #volume}, when nobody stands in the way any more who did for a moment only. */
    private Optional<LogicalVolume> volume(VolumeSnapshot snapshot, Predicate<LogicalVolume> inTheWay) {
        return patience.await(found -> found.filter(inTheWay).isPresent(), () -> volume(snapshot));
    }

    /** What stands against the removal: it has lost its marks, somebody reads it, or a machine is half-way back to it. */
    private Optional<Plan.Refused> irremovable(VolumeSnapshot snapshot) {
        return unmarked(snapshot)
                .or(() -> volume(snapshot, volume -> volume.isOpen() && !isShown(volume))
                        .flatMap(Life::used));
    }

    /** Whether it is somebody else's, or ours without its tags, nobody can tell: it is not said to be removed. */
    private Optional<Plan.Refused> unmarked(VolumeSnapshot snapshot) {
        VolumeName name = VolumeName.parse(snapshot.snapshot());
        Mark mark = Snapshots.mark(snapshot);
        return lvm.volume(name)
                .filter(volume -> !mark.isOn(volume))
                .map(volume -> new Plan.Refused(
                        name + " is there and is not marked as ours",
                        "if it is the snapshot give it back its tags ('lvchange %s %s'), or remove it ('lvremove %s'), if it is not give it another name (lvrename); then delete again"
                                .formatted(String.join(" ", mark.arguments(own.machine())), name, name)));
    }

    private static Optional<Plan.Refused> used(LogicalVolume volume) {
        String hint = "close it, or carry through what uses it";
        if (volume.isOpen() || isShown(volume)) {
            return Optional.of(new Plan.Refused(volume.name() + " is being read", hint));
        }
        // nothing can be carried through from one that is lost
        return volume.tags().contains(Mark.REVERTING) && !volume.isInvalid()
                ? Optional.of(new Plan.Refused(
                        "a revert to %s was begun and has to be carried through, or given up".formatted(volume.name()),
                        hint))
                : Optional.empty();
    }

    private static boolean isShown(LogicalVolume volume) {
        return volume.tags().contains(Mark.OPEN);
    }

    /** How a machine's volume is brought back. */
    interface Revert {
        /** What stands against it; no more asked once it was begun, for then it has to be carried through. */
        Optional<String> against();

        /** Begins it, or goes on. Refused only where this call changed nothing of what the machine has. */
        Outcome work();

        /** Takes away what {@link #work} has made and only needed on its way. */
        Outcome giveUp();
    }

    /** Brings the machine's volume back. One that is refused from the first leaves nothing of it behind. */
    Outcome revert(VolumeSnapshot snapshot, Revert revert) {
        return asked(() -> {
            Optional<LogicalVolume> volume = volume(snapshot);
            if (volume.isEmpty()) {
                return new Refused(snapshot.snapshot() + " is not there");
            }
            if (volume.get().isInvalid()) {
                return new Refused(snapshot.snapshot() + " is lost: more was written than the room set aside for it");
            }
            boolean begun = volume.get().tags().contains(Mark.REVERTING);
            if (!begun) {
                Optional<String> reason = revert.against();
                if (reason.isPresent()) {
                    return new Refused(reason.get());
                }
                Outcome marked = lvm.change("lvchange", List.of("--addtag", Mark.REVERTING, snapshot.snapshot()));
                if (!marked.settled()) {
                    return marked;
                }
            }
            Outcome done = revert.work();
            if (done.settled()) {
                // refused it would be taken for a revert that has changed nothing
                Outcome unmarked = unmark(snapshot);
                return unmarked instanceof Refused refused ? new Indeterminate(refused.reason()) : unmarked;
            }
            return done instanceof Refused && !begun ? takenBack(done, giveUpRevert(snapshot, revert)) : done;
        });
    }

    /** Ends one that is not carried through. */
    Outcome giveUpRevert(VolumeSnapshot snapshot, Revert revert) {
        return asked(() -> {
            Outcome left = revert.giveUp();
            boolean marked = volume(snapshot)
                    .filter(volume -> volume.tags().contains(Mark.REVERTING))
                    .isPresent();
            return left.settled() && marked ? left.and(unmark(snapshot)) : left;
        });
    }

    private static Outcome takenBack(Outcome refused, Outcome takenBack) {
        return takenBack.settled()
                ? refused
                : new Indeterminate("%s; what was begun is left: %s".formatted(refused.because(), takenBack.because()));
    }

    private Outcome unmark(VolumeSnapshot snapshot) {
        Outcome unmarked = lvm.change("lvchange", List.of("--deltag", Mark.REVERTING, snapshot.snapshot()));
        return unmarked instanceof Refused refused
                ? new Refused("%s; while it has the tag %s it cannot be deleted ('lvchange --deltag %s %s')"
                        .formatted(refused.reason(), Mark.REVERTING, Mark.REVERTING, snapshot.snapshot()))
                : unmarked;
    }

    /** The volume stays where it is, so the machine's definition stays as it is. */
    Plan planRevert(VolumeSnapshot snapshot, Supplier<Optional<String>> against) {
        try {
            return against.get()
                    .<Plan>map(reason -> new Plan.Refused(reason, "see 'lvs %s'".formatted(snapshot.snapshot())))
                    .orElseGet(() -> new Plan.Ready(
                            new Change(snapshot.disk(), snapshot.active(), snapshot.active(), snapshot.format())));
        } catch (CommandException e) {
            return new Plan.Refused(e.getMessage(), "see what 'lvs' says");
        }
    }

    Outcome removeClone(VolumeSnapshot snapshot, Change change) {
        return asked(() -> {
            VolumeName clone = clone(change);
            return own.remove(clone, Mark.of(Mark.Kind.CLONE, clone, snapshot.disk()));
        });
    }

    /** Names a clone's volume, unless something stands against it. */
    Plan planClone(VolumeSnapshot snapshot, String label, Condition condition, Supplier<Optional<String>> room) {
        if (!(condition instanceof Condition.Present)) {
            return new Plan.Refused("it cannot be read: " + condition, "choose another snapshot");
        }
        try {
            VolumeName clone = VolumeName.parse(snapshot.snapshot()).made(label, snapshot.disk());
            if (lvm.volume(clone).isPresent()) {
                return new Plan.Refused(clone + " exists already", "use another label");
            }
            return room.get()
                    .<Plan>map(reason -> new Plan.Refused(reason, "free some space, or extend it"))
                    .orElseGet(() -> new Plan.Ready(
                            new Change(snapshot.disk(), snapshot.snapshot(), clone.path(), snapshot.format())));
        } catch (CommandException e) {
            return new Plan.Refused(e.getMessage(), "see what 'lvs' says");
        }
    }

    static VolumeName clone(Change change) {
        return VolumeName.parse(change.to().substring("/dev/".length()));
    }

    /** What LVM does not tell, or tells us in words that we do not know, leaves the outcome open. */
    static Outcome asked(Supplier<Outcome> work) {
        try {
            return work.get();
        } catch (CommandException e) {
            return new Indeterminate(e.getMessage());
        }
    }
}
