package io.stillframe.db;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A snapshot that exists, or whose end is not settled.
 *
 * @param id the label of the run that took it
 * @param takenAt when its volumes were journaled as there
 * @param parent the snapshot that its machine's images came from when it was taken, or the nearest one before that which
 *     still has a record; empty where there is none
 * @param openedAt since when there may be a view of it on the host; empty where there is none
 * @param policy the policy that asked for it; empty where it was a person
 * @param volumes those of the run, by the names that they bear now
 */
public record Snapshot(
        String id,
        RunId run,
        UUID vm,
        String vmName,
        Instant takenAt,
        Consistency consistency,
        SnapshotState state,
        Optional<RunId> parent,
        Optional<Instant> openedAt,
        Optional<String> policy,
        List<RunVolume> volumes) {
    public Snapshot {
        volumes = List.copyOf(volumes);
    }
}
