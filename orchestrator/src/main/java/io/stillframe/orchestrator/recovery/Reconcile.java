package io.stillframe.orchestrator.recovery;

import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunId;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.state.RecoveryAction;
import io.stillframe.orchestrator.workflow.RecoverRun;
import io.stillframe.storage.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Brings every run that is in no final state to its end, by what the journal, libvirt and the storage say. The guests
 * were released before, without the journal.
 */
public final class Reconcile {
    private final Journal journal;
    private final RecoverRun recover;
    private final HeldGuests guests;
    private final Consumer<DomainId> hold;

    /**
     * Touches nothing yet.
     *
     * @param guests released already
     * @param hold keeps every other process of this host from a machine, or throws
     */
    public Reconcile(Journal journal, RecoverRun recover, HeldGuests guests, Consumer<DomainId> hold) {
        this.journal = journal;
        this.recover = recover;
        this.guests = guests;
        this.hold = hold;
    }

    /** Whether there is a run that could be brought to its end. */
    public static boolean isDue(Journal journal) {
        return journal.unfinished().stream().anyMatch(run -> !isLeft(run));
    }

    /** Recovers all of them, the newest first: of two on one machine, the later one's images lie on the earlier one's. */
    public List<Finding> all() {
        List<Run> runs = newestFirst();
        // every guest before anything of any run is taken back, which may take long
        Map<RunId, String> held = new HashMap<>();
        for (Run run : runs) {
            if (guests.mayBeHeld(run.vm())) {
                stillHeld(run).ifPresent(of -> held.put(run.id(), of));
            }
        }
        List<Finding> findings = new ArrayList<>();
        for (Run run : runs) {
            findings.add(held.containsKey(run.id()) ? left(run, held.get(run.id())) : one(run));
        }
        Set<UUID> open = new HashSet<>();
        journal.unfinished().stream().filter(run -> !isLeft(run)).forEach(run -> open.add(run.vm()));
        guests.released().stream().filter(vm -> !open.contains(vm)).forEach(guests::forget);
        return findings;
    }

    /** What {@link #all} would do. */
    public List<Finding> planned() {
        return newestFirst().stream()
                .map(run -> Finding.of(
                        isLeft(run) ? Status.NEEDS_OPERATOR : Status.PLANNED,
                        run.vmName(),
                        run.id(),
                        "was cut short as %s: %s".formatted(run.state(), inWords(recover.planned(run)))))
                .toList();
    }

    private List<Run> newestFirst() {
        List<Run> runs = new ArrayList<>(journal.unfinished());
        Collections.reverse(runs);
        return runs;
    }

    private static Finding left(Run run, String because) {
        return Finding.of(
                Status.MAY_BE_FROZEN, run.vmName(), run.id(), "left as it is: its guest may be frozen" + because);
    }

    private Finding one(Run run) {
        try {
            hold.accept(new DomainId(run.vm(), run.vmName()));
            Run now = asOfNow(run);
            return now.state().isFinal()
                    ? Finding.of(Status.DONE, run.vmName(), run.id(), "has come to its end meanwhile: " + now.state())
                    : ended(recover.of(
                            now, guests.intervention(run.vm(), run.id().value())));
        } catch (RuntimeException e) {
            // one machine that cannot be asked, or is busy, must not keep the others waiting
            Status status = run.state().mayBeHeld() ? Status.MAY_BE_FROZEN : Status.SKIPPED;
            return Finding.of(status, run.vmName(), run.id(), "left as it is: " + e.getMessage());
        }
    }

    /** Whoever held the machine until now may have ended the run. A journal that fails keeps no guest from its release. */
    private Run asOfNow(Run run) {
        try {
            return journal.runsLike(run.id().value()).stream().findFirst().orElse(run);
        } catch (JournalException e) {
            return run;
        }
    }

    /** A guest that could not be released may have waited for its disks. What is told of it; empty where it is free now. */
    private Optional<String> stillHeld(Run run) {
        Outcome disks = resumeDisks(run);
        if (!(disks instanceof Outcome.Done)) {
            return Optional.of(disks.settled() ? "" : ", and its disks suspended: " + disks.because());
        }
        Finding now = guests.releaseAgain(run.vm(), hold);
        return guests.mayBeHeld(run.vm()) ? Optional.of(", though its disks go on: " + now.detail()) : Optional.empty();
    }

    private Outcome resumeDisks(Run run) {
        try {
            hold.accept(new DomainId(run.vm(), run.vmName()));
        } catch (RuntimeException e) {
            return new Outcome.AlreadyDone(); // another run may be at it
        }
        return recover.resumeDisks(run);
    }

    private static Finding ended(Run run) {
        String message = run.result().error().map(RunError::message).orElse("");
        Status status =
                switch (run.state()) {
                    case COMPLETED, FAILED, ABANDONED, GIVEN_UP -> Status.DONE;
                    case QUARANTINED -> Status.NEEDS_OPERATOR;
                    default -> Status.MAY_BE_FROZEN;
                };
        return Finding.of(
                status,
                run.vmName(),
                run.id(),
                message.isEmpty() ? "now " + run.state() : run.state() + ": " + message);
    }

    private static boolean isLeft(Run run) {
        return RecoveryAction.of(run.state()) == RecoveryAction.LEAVE;
    }

    private static String inWords(RecoveryAction action) {
        return switch (action) {
            case ABANDON -> "what was prepared would be removed";
            case ROLL_BACK -> "its guest would be released, what it made would be taken back";
            case RESUME -> "its guest would be released, the run would be finished";
            case RELEASE_AGAIN -> "its guest would be released";
            case LEAVE -> "an operator has to decide; see 'stillframe show'";
            case NONE -> "nothing is left to do";
        };
    }
}
