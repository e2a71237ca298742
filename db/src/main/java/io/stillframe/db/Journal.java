package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The journal of all runs. One process at a time holds it; within the process it is safe for use by several threads.
 * Every method but {@link #force} returns when the change survives the death of this process; none of them waits for
 * the disk.
 */
public final class Journal implements AutoCloseable {
    /** The file only grows while it is open, by some 10 kB with every change. */
    static final long COMPACT_ABOVE_BYTES = 32L * 1024 * 1024;

    private static final String INSERT_RUN =
            "INSERT INTO run (id, vm, vm_name, state, version, started_at) VALUES (?, ?, ?, ?, 0, ?)";
    private static final String INSERT_VOLUME = """
            INSERT INTO volume (run, disk, position, driver, snapshot, format, active) VALUES (?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String UPDATE_STATE =
            "UPDATE run SET state = ?, version = version + 1 WHERE id = ? AND version = ?";
    private static final String INSERT_TRANSITION =
            "INSERT INTO transition (run, version, state, at) VALUES (?, ?, ?, ?)";
    private static final String INSERT_SNAPSHOT =
            "INSERT INTO snapshot (run, taken_at, consistency) VALUES (?, ?, 'CRASH')";
    private static final String UPDATE_RESULT = """
            UPDATE run SET ended_at = ?, consistency = ?, filesystems = ?, window_micros = ?,
                error_code = ?, error_message = ?, error_hint = ?
            WHERE id = ?
            """;
    private static final String DELETE_EVIDENCE = "DELETE FROM evidence WHERE run = ?";
    private static final String INSERT_EVIDENCE =
            "INSERT INTO evidence (run, position, name, ok, detail) VALUES (?, ?, ?, ?, ?)";
    private static final String CLASSIFY_SNAPSHOT = "UPDATE snapshot SET consistency = ? WHERE run = ?";
    private static final String DELETE_SNAPSHOT = "DELETE FROM snapshot WHERE run = ?";

    private final JournalFile file;
    private final Connection connection;
    private final PreparedStatement updateState;
    private final PreparedStatement insertTransition;
    private final PreparedStatement insertSnapshot;
    private final JournalQueries queries;

    private Journal(JournalFile file) throws SQLException {
        this.file = file;
        this.connection = file.connection();
        this.queries = new JournalQueries(connection);
        // prepared now because they are executed while a guest is frozen
        this.updateState = connection.prepareStatement(UPDATE_STATE);
        this.insertTransition = connection.prepareStatement(INSERT_TRANSITION);
        this.insertSnapshot = connection.prepareStatement(INSERT_SNAPSHOT);
    }

    /**
     * Opens the journal in a directory that exists, and makes it where there is none. Takes the longer once the file has
     * grown large: then it is compacted first.
     *
     * @throws JournalException when it is held, unreadable, newer than this program, or the disk fails
     */
    public static Journal open(Path directory) {
        return open(directory, COMPACT_ABOVE_BYTES);
    }

    static Journal open(Path directory, long compactAbove) {
        JournalFile file = JournalFile.open(directory, compactAbove);
        try {
            return new Journal(file);
        } catch (SQLException e) {
            file.close();
            throw Failures.using("cannot read the journal in " + directory, e);
        }
    }

    /** Begins a run: PLANNED. */
    public synchronized Run plan(RunId id, UUID vm, String vmName, Instant at) {
        return write("plan run " + id.value(), () -> {
            execute(INSERT_RUN, id.value(), vm, vmName, RunState.PLANNED.name(), time(at));
            execute(insertTransition, id.value(), 0L, RunState.PLANNED.name(), time(at));
            return new Run(id, vm, vmName, RunState.PLANNED, 0, stored(at), Optional.empty(), RunResult.NONE);
        });
    }

    /** Names what a run is going to make of its volumes, before it makes anything. */
    public synchronized void intend(RunId run, List<RunVolume> volumes) {
        write("record the volumes of run " + run.value(), () -> {
            for (int i = 0; i < volumes.size(); i++) {
                RunVolume of = volumes.get(i);
                execute(INSERT_VOLUME, run.value(), of.disk(), i, of.driver(), of.snapshot(), of.format(), of.active());
            }
            return null;
        });
    }

    /**
     * Moves a run to its next state. With SNAPSHOTTED the snapshot's record appears, as the weakest class until {@link
     * #end} says what was proved: at no moment is there a snapshot without a record.
     *
     * @throws JournalException STALE when the run is not at the version given
     */
    public synchronized Run advance(Run run, RunState to, Instant at) {
        return write("move run %s to %s".formatted(run.id().value(), to), () -> move(run, to, at));
    }

    /**
     * Moves a run to its last state, with what it brought and the evidence, in place of what an earlier end said. The
     * snapshot's record is removed when the run is FAILED: then the snapshot was rolled back. Otherwise it is given the
     * class that comes with this evidence, and the weakest where none does.
     */
    public synchronized Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence) {
        return write("end run %s as %s".formatted(run.id().value(), to), () -> {
            Run moved = move(run, to, at);
            String id = run.id().value();
            execute(UPDATE_RESULT, concat(Rows.parameters(time(at), result), id));
            execute(DELETE_EVIDENCE, id);
            for (int i = 0; i < evidence.size(); i++) {
                Evidence item = evidence.get(i);
                execute(INSERT_EVIDENCE, id, i, item.check(), item.ok(), item.detail());
            }
            if (to == RunState.FAILED) {
                execute(DELETE_SNAPSHOT, id);
            } else {
                Consistency proved = result.consistency().orElse(Consistency.CRASH);
                execute(CLASSIFY_SNAPSHOT, proved.name(), id);
            }
            Optional<Instant> endedAt = Optional.of(stored(at));
            return new Run(run.id(), run.vm(), run.vmName(), to, moved.version(), run.startedAt(), endedAt, result);
        });
    }

    /**
     * Waits until everything journaled so far is on the disk itself, proof against a power loss: a few milliseconds, in
     * which other threads go on journaling.
     */
    public void force() {
        file.sync();
    }

    /** What the journal knows. */
    public synchronized <T> T read(Query<T> query) {
        return write("read the journal", () -> query.of(queries));
    }

    /** A question to the journal. */
    @FunctionalInterface
    public interface Query<T> {
        T of(JournalQueries queries) throws SQLException;
    }

    @Override
    public synchronized void close() {
        file.close();
    }

    private Run move(Run run, RunState to, Instant at) throws SQLException {
        if (execute(updateState, to.name(), run.id().value(), run.version()) != 1) {
            throw new JournalException(
                    Kind.STALE,
                    "run %s is no longer at version %d: somebody else has moved it"
                            .formatted(run.id().value(), run.version()),
                    null);
        }
        execute(insertTransition, run.id().value(), run.version() + 1, to.name(), time(at));
        if (to == RunState.SNAPSHOTTED) {
            execute(insertSnapshot, run.id().value(), time(at));
        }
        return new Run(
                run.id(), run.vm(), run.vmName(), to, run.version() + 1, run.startedAt(), run.endedAt(), run.result());
    }

    private int execute(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return execute(statement, parameters);
        }
    }

    private static int execute(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement.executeUpdate();
    }

    private <T> T write(String what, Work<T> work) {
        try {
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            rollBack();
            throw Failures.using("cannot " + what, e);
        } catch (RuntimeException e) {
            rollBack();
            throw e;
        }
    }

    private void rollBack() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // the failure that led here says more; H2 rolls back what is open when the connection ends
        }
    }

    private static Object[] concat(Object[] parameters, Object last) {
        Object[] all = java.util.Arrays.copyOf(parameters, parameters.length + 1);
        all[parameters.length] = last;
        return all;
    }

    /** As it is read back. */
    private static Instant stored(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    private static Object time(Instant at) {
        return stored(at).atOffset(ZoneOffset.UTC);
    }

    @FunctionalInterface
    private interface Work<T> {
        T run() throws SQLException;
    }
}
