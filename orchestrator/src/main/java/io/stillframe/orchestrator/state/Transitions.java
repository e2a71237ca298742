package io.stillframe.orchestrator.state;

import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.FREEZING;
import static io.stillframe.db.RunState.FROZEN;
import static io.stillframe.db.RunState.GIVEN_UP;
import static io.stillframe.db.RunState.PLANNED;
import static io.stillframe.db.RunState.PREPARED;
import static io.stillframe.db.RunState.QUARANTINED;
import static io.stillframe.db.RunState.QUIESCED;
import static io.stillframe.db.RunState.RELEASED;
import static io.stillframe.db.RunState.SNAPSHOTTED;
import static io.stillframe.db.RunState.THAW_OVERDUE;
import static io.stillframe.db.RunState.UPDATED;

import io.stillframe.db.RunState;
import java.util.Map;
import java.util.Set;

/**
 * Which state of a run may follow which. A run that fails before its snapshots are there is thawed and rolled back, then
 * {@code FAILED}; one that fails later goes forward, because the snapshots and the domain's new images exist. No final
 * state follows from one in which the guest may be frozen without a confirmed thaw: that is what {@code THAW_OVERDUE} is
 * for.
 */
public final class Transitions {
    private static final Map<RunState, Set<RunState>> NEXT = Map.ofEntries(
            Map.entry(PLANNED, Set.of(PREPARED, ABANDONED, QUARANTINED)),
            // straight to QUIESCED where nothing is frozen: the machine is off, or a crash-consistent one will do
            Map.entry(PREPARED, Set.of(FREEZING, QUIESCED, ABANDONED, QUARANTINED)),
            Map.entry(FREEZING, Set.of(FROZEN, FAILED, THAW_OVERDUE, QUARANTINED)),
            Map.entry(FROZEN, Set.of(QUIESCED, FAILED, THAW_OVERDUE, QUARANTINED)),
            Map.entry(QUIESCED, Set.of(SNAPSHOTTED, FAILED, THAW_OVERDUE, QUARANTINED)),
            Map.entry(SNAPSHOTTED, Set.of(UPDATED, THAW_OVERDUE, QUARANTINED)),
            Map.entry(UPDATED, Set.of(RELEASED, THAW_OVERDUE, QUARANTINED)),
            Map.entry(RELEASED, Set.of(COMPLETED, FAILED, QUARANTINED)),
            Map.entry(THAW_OVERDUE, Set.of(RELEASED, FAILED, QUARANTINED)),
            Map.entry(QUARANTINED, Set.of(GIVEN_UP)),
            Map.entry(COMPLETED, Set.of()),
            Map.entry(FAILED, Set.of()),
            Map.entry(ABANDONED, Set.of()),
            Map.entry(GIVEN_UP, Set.of()));

    private Transitions() {}

    public static Set<RunState> after(RunState state) {
        return NEXT.get(state);
    }

    /** Refuses a step that the table does not know: a fault of the program, never of its surroundings. */
    public static void require(RunState from, RunState to) {
        if (!after(from).contains(to)) {
            throw new IllegalStateException("no transition from " + from + " to " + to);
        }
    }
}
