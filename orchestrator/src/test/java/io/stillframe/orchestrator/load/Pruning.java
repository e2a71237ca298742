package io.stillframe.orchestrator.load;

import io.stillframe.db.Journal;
import java.time.Instant;

/** What the daemon does once a day to a journal that would otherwise grow for ever. */
@FunctionalInterface
interface Pruning {
    Pruning NONE = (journal, now) -> 0;

    /** @return how many runs and jobs went */
    int prune(Journal journal, Instant now);
}
