package io.stillframe.db;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A snapshot that exists.
 *
 * @param id the label of the run that took it
 * @param takenAt when its volumes were journaled as there
 */
public record Snapshot(
        String id,
        RunId run,
        UUID vm,
        String vmName,
        Instant takenAt,
        Consistency consistency,
        List<RunVolume> volumes) {
    public Snapshot {
        volumes = List.copyOf(volumes);
    }
}
