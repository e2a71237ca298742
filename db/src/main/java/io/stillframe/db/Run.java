package io.stillframe.db;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * One attempt to take a snapshot of one machine.
 *
 * @param version counts the updates of the row; an update that names another version is refused
 * @param endedAt when the run reached its last state so far
 * @param result what is known of it at the end; empty while it goes on
 */
public record Run(
        RunId id,
        UUID vm,
        String vmName,
        RunState state,
        long version,
        Instant startedAt,
        Optional<Instant> endedAt,
        RunResult result) {}
