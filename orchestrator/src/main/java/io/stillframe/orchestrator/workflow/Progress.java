package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.orchestrator.state.Transitions;
import java.time.Clock;
import java.util.List;
import java.util.function.BooleanSupplier;
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

    Progress(Journal journal, Clock clock, BooleanSupplier interrupted, Run run) {
        this.journal = journal;
        this.clock = clock;
        this.interrupted = interrupted;
        this.run = run;
    }

    Run run() {
        return run;
    }

    RunState state() {
        return run.state();
    }

    /** Makes an effect, then journals the state it leads to; inside the window nothing here waits for a disk. */
    void step(RunState to, Runnable effect) {
        Transitions.require(run.state(), to);
        stopIfInterrupted();
        effect.run();
        run = journal.advance(run, to, clock.instant(), "");
    }

    /** Journals an intent and forces it to disk, with all that was journaled before. */
    void barrier(RunState to) {
        step(to, () -> {});
        journal.force();
    }

    /** Journals the run's last state. A journal that cannot be written must not hide how the run ended. */
    void end(RunState to, Ending ending) {
        Transitions.require(run.state(), to);
        Run ended = ending.applyTo(run, to, clock.instant());
        try {
            run = journal.end(ended, ending.evidence());
            journal.force();
        } catch (JournalException e) {
            LOG.error("run {} ended as {} but the journal could not be written: {}", run.id().value(), to, e.getMessage());
            run = ended;
        }
    }

    /** Before the snapshots are there an interruption ends the run; afterwards going forward is the short way. */
    private void stopIfInterrupted() {
        boolean early = switch (run.state()) {
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
