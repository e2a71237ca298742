package io.stillframe.orchestrator.cli;

import io.stillframe.db.Expired;
import io.stillframe.db.Journal;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * Lets go of the records of every machine that have ended before a moment and that nothing needs any more, a few at once: a
 * run that is about to freeze its guest waits for those few and no longer, and none goes while a guest is held. Whatever cuts it short, what
 * is left is whole, and goes the next time.
 */
public final class PruneHistory {
    /** Some hundred rows with all that belongs to them. */
    static final int AT_ONCE = 20;

    private static final Duration BETWEEN_PIECES = Duration.ofMillis(20);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

    /** A window takes seconds at most; a guest that cannot be released may take days. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Journal journal;
    private final Timing timing;
    private final BooleanSupplier interrupted;

    /** @param interrupted whether it is to leave the rest for the next time */
    public PruneHistory(Journal journal, Timing timing, BooleanSupplier interrupted) {
        this.journal = journal;
        this.timing = timing;
        this.interrupted = interrupted;
    }

    /**
     * What is gone, or would go.
     *
     * @param whole whether nothing is left that should have gone, too: a guest was held for too long, or it was interrupted
     */
    public record Pruned(int runs, int jobs, boolean whole) {
        private static final Pruned NOTHING = new Pruned(0, 0, true);

        boolean isNothing() {
            return runs == 0 && jobs == 0;
        }

        private Pruned and(Expired more) {
            return new Pruned(runs + more.runs().size(), jobs + more.jobs().size(), whole);
        }

        private Pruned cutShort() {
            return new Pruned(runs, jobs, false);
        }
    }

    /** Lets go of what ended before a moment. */
    public Pruned of(Instant before) {
        Pruned pruned = Pruned.NOTHING;
        for (UUID vm : journal.machines()) {
            boolean more = journal.expired(vm, before).size() > 0;
            while (more) {
                Optional<Expired> gone = some(vm, before);
                if (gone.isEmpty()) {
                    return pruned.cutShort();
                }
                pruned = pruned.and(gone.get());
                more = gone.get().size() == AT_ONCE;
                timing.pause(BETWEEN_PIECES);
            }
        }
        return pruned;
    }

    /** What {@link #of} would let go of. */
    Pruned planned(Instant before) {
        Pruned planned = Pruned.NOTHING;
        for (UUID vm : journal.machines()) {
            planned = planned.and(journal.expired(vm, before));
        }
        return planned;
    }

    /** As soon as no guest is held. */
    private Optional<Expired> some(UUID vm, Instant before) {
        long since = timing.nanos();
        while (!interrupted.getAsBoolean()) {
            Optional<Expired> gone = journal.prune(vm, before, AT_ONCE);
            if (gone.isPresent() || timing.since(since).compareTo(PATIENCE) > 0) {
                return gone;
            }
            timing.pause(BETWEEN_TRIES);
        }
        return Optional.empty();
    }
}
