package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import io.stillframe.orchestrator.workflow.TakeUntilProved;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What came of one machine's part in a command that takes snapshots.
 *
 * @param attempts its runs, the one that counts last; none where it had none
 */
record Taken(ExitStatus status, Views.TakenView view, Optional<Problem> problem, List<Run> attempts) {
    /** Runs that have ended, as the journal has them; the last one counts. */
    static Taken of(List<Run> attempts, Journal journal) {
        Run run = attempts.get(attempts.size() - 1);
        return new Taken(
                ExitStatus.of(run),
                view(run, journal).after(attempts.subList(0, attempts.size() - 1)),
                run.result().error().map(Problem::of),
                attempts);
    }

    static Taken failed(String vm, CommandFailed failure) {
        return new Taken(
                failure.status(),
                Views.TakenView.refused(vm, failure.problem()),
                Optional.of(failure.problem()),
                List.of());
    }

    /** Whether there was a run, and nothing but doubt has cost it. */
    boolean isDoubted(SnapshotOptions options) {
        return !attempts.isEmpty() && TakeUntilProved.isDoubted(attempts.get(attempts.size() - 1), options);
    }

    /** The same after others whose place it has taken. */
    Taken after(List<Run> earlier) {
        return new Taken(
                status,
                view.after(earlier),
                problem,
                Stream.concat(earlier.stream(), attempts.stream()).toList());
    }

    /** How the run ended must be told even where the journal has just failed. */
    private static Views.TakenView view(Run run, Journal journal) {
        try {
            return Views.TakenView.of(run, journal.evidence(run.id()), journal.volumes(run.id()));
        } catch (JournalException e) {
            return Views.TakenView.of(run, List.of(), List.of());
        }
    }
}
