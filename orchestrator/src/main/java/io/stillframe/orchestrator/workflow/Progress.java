package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Intent;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.state.Transitions;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run on its way through its states. A state is journaled after its effect is there; what an interruption may have
 * left half done is always the effect that follows the journaled state.
 */
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    private final Journal journal;
    private final Clock clock;
    private final BooleanSupplier interrupted;
    private Run run;
    private Optional<RunState> unsure = Optional.empty();

    private Progress(Journal journal, Clock clock, BooleanSupplier interrupted, Run run) {
        this.journal = journal;
        this.clock = clock;
        this.interrupted = interrupted;
        this.run = run;
    }

    static Progress begin(Journal journal, Clock clock, BooleanSupplier interrupted, RunId id, DomainId vm) {
        return new Progress(journal, clock, interrupted, journal.plan(id, vm.uuid(), vm.name(), clock.instant()));
    }

    Run run() {
        return run;
    }

    RunState state() {
        return run.state();
    }

    /** A run of an earlier process, as the journal has it. */
    static Progress resume(Journal journal, Clock clock, Run run) {
        return new Progress(journal, clock, () -> false, run);
    }

    /** Says what the run will do and make, before it makes anything, and on the disk before any file is. */
    void intend(Intent intent) {
        journal.intend(run.id(), intent);
        journal.force();
    }

    /** Makes an effect, then journals the state it leads to; inside the window nothing here waits for a disk. */
    void step(RunState to, Runnable effect) {
        Transitions.require(run.state(), to);
        stopIfInterrupted();
        effect.run();
        unsure = Optional.of(to);
        run = journal.advance(run, to, clock.instant());
        unsure = Optional.empty();
    }

    /**
     * Looks up what the journal has where its last answer was a failure: the state may be there all the same.
     *
     * @return whether it is known now; without an answer the run counts as having come to the state that was not confirmed
     */
    boolean settled() {
        if (unsure.isEmpty()) {
            return true;
        }
        try {
            run = journal.runsLike(run.id().value()).stream().findFirst().orElse(run);
            unsure = Optional.empty();
            return true;
        } catch (JournalException e) {
            LOG.warn("how far run {} has come is not known: {}", run.id().value(), e.getMessage());
            return false;
        }
    }

    /** Whether the run has its snapshots, or may have them in the journal. */
    boolean mayBeSnapshotted() {
        return unsure.filter(RunState.SNAPSHOTTED::equals).isPresent();
    }

    /** The step whose answer another process would need. */
    void freeze(IntSupplier effect) {
        Transitions.require(run.state(), RunState.FROZEN);
        stopIfInterrupted();
        run = journal.froze(run, effect.getAsInt(), clock.instant());
    }

    /** The last step of the window: with it everything is journaled that the end will rest on, and on the disk. */
    void release(Supplier<Ending> effect) {
        Transitions.require(run.state(), RunState.RELEASED);
        Ending ending = effect.get();
        run = journal.released(run, clock.instant(), ending.result(), ending.evidence());
        journal.force();
    }

    /** Journals an intent and forces it to disk, with all that was journaled before. */
    void barrier(RunState to) {
        step(to, () -> {});
        journal.force();
    }

    /** Ends a run that was refused: nothing was touched. */
    void refuse(Problem problem) {
        end(RunState.ABANDONED, Ending.refused(problem));
    }

    /** Journals the run's last state. A journal that cannot be written must not hide how the run ended. */
    void end(RunState to, Ending ending) {
        Transitions.require(run.state(), to);
        Instant at = clock.instant();
        try {
            run = journal.end(run, to, at, ending.result(), ending.evidence());
            journal.force();
        } catch (JournalException e) {
            LOG.error(
                    "run {} ended as {}, but the journal could not be written: {}",
                    run.id().value(),
                    to,
                    e.getMessage());
            run = new Run(
                    run.id(),
                    run.vm(),
                    run.vmName(),
                    to,
                    run.version(),
                    run.startedAt(),
                    run.frozen(),
                    Optional.of(at),
                    ending.result());
        }
    }

    /** Before the snapshots are there an interruption ends the run; afterwards going forward is the short way. */
    private void stopIfInterrupted() {
        boolean early =
                switch (run.state()) {
                    case PLANNED, PREPARED, FREEZING, FROZEN, QUIESCED -> true;
                    default -> false;
                };
        if (early && interrupted.getAsBoolean()) {
            throw new RunFailed(new Problem(
                    ErrorCode.INTERRUPTED,
                    "the snapshot of vm '%s' was interrupted; nothing of it is left".formatted(run.vmName()),
                    "run it again"));
        }
    }
}
