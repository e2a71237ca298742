package io.stillframe.orchestrator.load;

import io.stillframe.db.Expired;
import io.stillframe.db.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** What the daemon does now and then to a journal that would otherwise grow for ever, all at once. */
record Pruning(Duration history) {
    private static final int AT_ONCE = 100;

    /** Tells how many runs and jobs went. */
    int prune(Journal journal, Instant now) {
        int gone = 0;
        for (UUID vm : journal.machines()) {
            Optional<Expired> some;
            do {
                some = journal.prune(vm, now.minus(history), AT_ONCE);
                gone += some.map(Expired::size).orElse(0);
            } while (some.filter(of -> of.size() > 0).isPresent());
        }
        return gone;
    }
}
