package io.stillframe.db;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that is done with one snapshot, and is taken up again where it was interrupted.
 *
 * @param id of the same form as a run's; no run has the same
 * @param snapshot the run that took it
 * @param vm the machine that the snapshot is of
 * @param name the new machine's name of a clone; empty where only volumes are made, and for every other kind
 * @param version counts the updates of the row, from 0; an update that names another version is refused
 * @param endedAt when the job reached its last state so far; empty while it is BEGUN
 * @param changes what it was going to do when it began, in the order of doing it
 */
public record Job(
        RunId id,
        JobKind kind,
        RunId snapshot,
        UUID vm,
        String vmName,
        Optional<String> name,
        JobState state,
        long version,
        Instant startedAt,
        Optional<Instant> endedAt,
        List<JobChange> changes,
        Optional<RunError> error) {
    public Job {
        changes = List.copyOf(changes);
    }

    boolean isBeginning() {
        return state == JobState.BEGUN && version == 0 && endedAt.isEmpty() && error.isEmpty();
    }
}
