package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.RunError;
import io.stillframe.db.RunResult;
import java.util.List;
import java.util.Optional;

/** What is known of a run when it ends, for the journal. */
record Ending(RunResult result, List<Evidence> evidence) {
    static Ending refused(Problem problem) {
        return new Ending(new RunResult(Optional.empty(), Optional.empty(), Optional.of(error(problem))), List.of());
    }

    static RunError error(Problem problem) {
        return new RunError(problem.code().name(), problem.message(), problem.hint());
    }
}
