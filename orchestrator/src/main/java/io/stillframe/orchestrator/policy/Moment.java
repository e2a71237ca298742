package io.stillframe.orchestrator.policy;

import io.stillframe.db.Consistency;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A snapshot of a machine as retention looks at it.
 *
 * @param id the snapshot's
 * @param policy the policy that took it; empty where it was a person
 * @param state what there is of it
 * @param good whether it was proved to be consistent
 * @param open whether it is read on the host, and so not to be removed
 */
public record Moment(
        String id, Instant takenAt, Optional<String> policy, SnapshotState state, boolean good, boolean open) {
    /** The newest first; of two of the same time, which cannot be told apart, always the same one. */
    static final Comparator<Moment> NEWEST_FIRST =
            Comparator.comparing(Moment::takenAt).thenComparing(Moment::id).reversed();

    public static Moment of(Snapshot snapshot) {
        return new Moment(
                snapshot.id(),
                snapshot.takenAt(),
                snapshot.policy(),
                snapshot.state(),
                snapshot.consistency().atLeast(Consistency.FILESYSTEM),
                snapshot.openedAt().isPresent());
    }

    /** One that a policy is going to take, if all goes well. */
    static Moment expected(String policy, Instant due) {
        return new Moment("expected at " + due, due, Optional.of(policy), SnapshotState.PRESENT, true, false);
    }

    boolean isPresent() {
        return state == SnapshotState.PRESENT;
    }
}
