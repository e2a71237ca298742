package io.stillframe.db;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * One attempt to take a snapshot of one machine.
 *
 * @param version counts the updates of the row; an update that names another version is refused
 * @param frozen how many filesystems the agent said it froze, from 0; empty before it answered
 * @param endedAt when the run reached its last state so far
 * @param result what is known of it once the guest is released or it has ended; empty before
 */
public record Run(
        RunId id,
        UUID vm,
        String vmName,
        RunState state,
        long version,
        Instant startedAt,
        OptionalInt frozen,
        Optional<Instant> endedAt,
        RunResult result) {}
