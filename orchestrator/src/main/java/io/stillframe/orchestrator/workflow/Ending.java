package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Freeze;
import java.util.List;
import java.util.Optional;

/** What is known of a run when it ends, for the journal. */
record Ending(
        Optional<Consistency> consistency, Optional<Freeze> freeze, List<Evidence> evidence, Optional<Problem> problem) {
    static Ending failed(Problem problem) {
        return new Ending(Optional.empty(), Optional.empty(), List.of(), Optional.of(problem));
    }
}
