package io.stillframe.orchestrator.recovery;

import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunResult;
import io.stillframe.db.RunState;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.state.Transitions;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Ends a quarantined run at the operator's word, so that nobody is told of it any more. Nothing but the journal is touched:
 * a snapshot that it has stays, with the class that it has, and so does all else that it made.
 */
public final class AbandonRun {
    private final Journal journal;
    private final Clock clock;

    public AbandonRun(Journal journal, Clock clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** What giving it up means, as the end of a sentence that begins with which run it is. */
    public String consequence(Run run) {
        boolean has = journal.snapshotsLike(run.id().value()).stream()
                .anyMatch(snapshot -> snapshot.run().equals(run.id()));
        return has
                ? "its snapshot %s stays as it is, and can be deleted"
                        .formatted(run.id().label())
                : "what it has made stays, and nobody removes it: " + volumes(run);
    }

    /**
     * Journals that nobody goes on with it.
     *
     * @throws IllegalStateException when it is not QUARANTINED
     * @throws JournalException when it could not be journaled, or the run has come to its end meanwhile
     */
    public Finding of(Run run) {
        Transitions.require(run.state(), RunState.GIVEN_UP);
        String what = "given up by the operator: " + consequence(run);
        String before =
                run.result().error().map(error -> error.message() + "; ").orElse("");
        RunError word = new RunError(ErrorCode.ABANDONED.name(), before + what, "");
        RunResult result =
                new RunResult(run.result().consistency(), run.result().freeze(), Optional.of(word));
        journal.end(run, RunState.GIVEN_UP, clock.instant(), result, journal.evidence(run.id()));
        journal.force();
        return Finding.of(Status.DONE, run.vmName(), run.id(), what);
    }

    private String volumes(Run run) {
        return journal.volumes(run.id()).stream()
                .map(volume -> "%s (%s, %s)".formatted(volume.disk(), volume.snapshot(), volume.active()))
                .collect(Collectors.joining("; "));
    }
}
