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
import java.util.OptionalInt;
import java.util.UUID;

/** The journal in an H2 database. */
final class H2Journal implements Journal {
    /** The file only grows while it is open, by some 10 kB with every change. */
    static final long COMPACT_ABOVE_BYTES = 32L * 1024 * 1024;

    private static final String INSERT_RUN =
            "INSERT INTO run (id, vm, vm_name, state, version, started_at) VALUES (?, ?, ?, ?, 0, ?)";
    /** An intent is said once. */
    private static final String UPDATE_INTENT = """
            UPDATE run SET required = ?, to_freeze = ?, freeze_limit_micros = ? WHERE id = ? AND required IS NULL
            """;

    private static final String INSERT_VOLUME = """
            INSERT INTO volume (run, disk, position, driver, snapshot, format, active, quiesce)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String UPDATE_STATE =
            "UPDATE run SET state = ?, version = version + 1 WHERE id = ? AND version = ?";
    private static final String UPDATE_FROZEN =
            "UPDATE run SET state = 'FROZEN', frozen = ?, version = version + 1 WHERE id = ? AND version = ?";
    private static final String INSERT_TRANSITION =
            "INSERT INTO transition (run, version, state, at) VALUES (?, ?, ?, ?)";
    private static final String INSERT_SNAPSHOT =
            "INSERT INTO snapshot (run, taken_at, consistency) VALUES (?, ?, 'CRASH')";
    private static final String UPDATE_RESULT = """
            UPDATE run SET ended_at = ?, consistency = ?, filesystems = ?, window_micros = ?,
                error_code = ?, error_message = ?, error_hint = ?
            WHERE id = ?
            """;
    private static final String DELETE_EVIDENCE = "DELETE FROM evidence WHERE run = ? AND NOT beforehand";
    private static final String INSERT_EVIDENCE =
            "INSERT INTO evidence (run, beforehand, position, name, ok, detail) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String CLASSIFY_SNAPSHOT = "UPDATE snapshot SET consistency = ? WHERE run = ?";
    private static final String DELETE_SNAPSHOT = "DELETE FROM snapshot WHERE run = ?";

    private final JournalFile file;
    private final Session session;
    private final PreparedStatement updateState;
    private final PreparedStatement updateFrozen;
    private final PreparedStatement insertTransition;
    private final PreparedStatement insertSnapshot;
    private final JournalQueries queries;

    private H2Journal(JournalFile file) throws SQLException {
        this.file = file;
        Connection connection = file.connection();
        this.session = new Session(connection);
        this.queries = new JournalQueries(connection);
        // prepared now because they are executed while a guest is frozen
        this.updateState = connection.prepareStatement(UPDATE_STATE);
        this.updateFrozen = connection.prepareStatement(UPDATE_FROZEN);
        this.insertTransition = connection.prepareStatement(INSERT_TRANSITION);
        this.insertSnapshot = connection.prepareStatement(INSERT_SNAPSHOT);
    }

    static H2Journal open(Path directory, long compactAbove) {
        return open(directory, compactAbove, new LocalDisk());
    }

    static H2Journal open(Path directory, long compactAbove, Disk disk) {
        JournalFile file = JournalFile.open(directory, compactAbove, disk);
        try {
            return new H2Journal(file);
        } catch (SQLException e) {
            file.close();
            throw Failures.using("cannot read the journal in " + directory, e);
        }
    }

    @Override
    public synchronized Run plan(RunId id, UUID vm, String vmName, Instant at) {
        return session.write("plan run " + id.value(), () -> {
            session.execute(INSERT_RUN, id.value(), vm, vmName, RunState.PLANNED.name(), time(at));
            session.execute(insertTransition, id.value(), 0L, RunState.PLANNED.name(), time(at));
            return new Run(
                    id,
                    vm,
                    vmName,
                    RunState.PLANNED,
                    0,
                    stored(at),
                    OptionalInt.empty(),
                    Optional.empty(),
                    RunResult.NONE);
        });
    }

    @Override
    public synchronized void intend(RunId run, Intent intent) {
        session.write("record the intent of run " + run.value(), () -> {
            String id = run.value();
            if (session.execute(UPDATE_INTENT, Session.and(Rows.parameters(intent), id)) != 1) {
                throw new JournalException(Kind.STALE, "run " + id + " is not there, or has its intent already", null);
            }
            for (int i = 0; i < intent.volumes().size(); i++) {
                RunVolume of = intent.volumes().get(i);
                session.execute(
                        INSERT_VOLUME,
                        id,
                        of.disk(),
                        i,
                        of.driver(),
                        of.snapshot(),
                        of.format(),
                        of.active(),
                        of.quiesce());
            }
            insertEvidence(id, true, intent.evidence());
            insertEvidence(id, false, intent.evidence());
            return null;
        });
    }

    @Override
    public synchronized Run advance(Run run, RunState to, Instant at) {
        return session.write("move run %s to %s".formatted(run.id().value(), to), () -> move(run, to, at));
    }

    @Override
    public synchronized Run froze(Run run, int filesystems, Instant at) {
        return session.write("move run %s to FROZEN".formatted(run.id().value()), () -> {
            requireMoved(
                    run, session.execute(updateFrozen, filesystems, run.id().value(), run.version()));
            return moved(run, RunState.FROZEN, at, OptionalInt.of(filesystems));
        });
    }

    @Override
    public synchronized Run released(Run run, Instant at, RunResult result, List<Evidence> evidence) {
        return session.write("release run " + run.id().value(), () -> {
            Run moved = move(run, RunState.RELEASED, at);
            return said(moved, Optional.empty(), result, evidence);
        });
    }

    @Override
    public synchronized Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence) {
        return session.write("end run %s as %s".formatted(run.id().value(), to), () -> {
            Run moved = move(run, to, at);
            return said(moved, Optional.of(stored(at)), result, evidence);
        });
    }

    @Override
    public void force() {
        file.force();
    }

    @Override
    public synchronized List<Run> runs(Optional<String> vm) {
        return session.read(() -> queries.runs(vm));
    }

    @Override
    public synchronized List<Run> runsLike(String prefix) {
        return session.read(() -> queries.runsLike(prefix));
    }

    @Override
    public synchronized List<Run> unfinished() {
        return session.read(queries::unfinished);
    }

    @Override
    public synchronized Optional<Intent> intent(RunId run) {
        return session.read(() -> queries.intent(run));
    }

    @Override
    public synchronized List<Transition> transitions(RunId run) {
        return session.read(() -> queries.transitions(run));
    }

    @Override
    public synchronized List<RunVolume> volumes(RunId run) {
        return session.read(() -> queries.volumes(run));
    }

    @Override
    public synchronized List<Evidence> evidence(RunId run) {
        return session.read(() -> queries.evidence(run));
    }

    @Override
    public synchronized List<Snapshot> snapshots(Optional<String> vm) {
        return session.read(() -> queries.snapshots(vm));
    }

    @Override
    public synchronized Job begin(Job job) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized Job finish(Job job, JobState to, Instant at, Optional<RunError> error) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized void opened(RunId snapshot, Instant at) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized void closed(RunId snapshot) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized void lost(RunId snapshot) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized Optional<RunId> head(UUID vm) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized List<Job> jobs(Optional<String> vm) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized List<Job> jobsLike(String prefix) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized List<Job> unfinishedJobs() {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized void close() {
        file.close();
    }

    private Run move(Run run, RunState to, Instant at) throws SQLException {
        requireMoved(run, session.execute(updateState, to.name(), run.id().value(), run.version()));
        if (to == RunState.SNAPSHOTTED) {
            session.execute(insertSnapshot, run.id().value(), time(at));
        }
        return moved(run, to, at, run.frozen());
    }

    private Run moved(Run run, RunState to, Instant at, OptionalInt frozen) throws SQLException {
        session.execute(insertTransition, run.id().value(), run.version() + 1, to.name(), time(at));
        return new Run(
                run.id(),
                run.vm(),
                run.vmName(),
                to,
                run.version() + 1,
                run.startedAt(),
                frozen,
                run.endedAt(),
                run.result());
    }

    private static void requireMoved(Run run, int rows) {
        if (rows != 1) {
            throw new JournalException(
                    Kind.STALE,
                    "run %s is no longer at version %d: somebody else has moved it"
                            .formatted(run.id().value(), run.version()),
                    null);
        }
    }

    private Run said(Run run, Optional<Instant> endedAt, RunResult result, List<Evidence> evidence)
            throws SQLException {
        String id = run.id().value();
        Object ended = endedAt.map(H2Journal::time).orElse(null);
        session.execute(UPDATE_RESULT, Session.and(Rows.parameters(ended, result), id));
        session.execute(DELETE_EVIDENCE, id);
        insertEvidence(id, false, evidence);
        if (run.state() == RunState.FAILED) {
            session.execute(DELETE_SNAPSHOT, id);
        } else {
            Consistency proved = result.consistency().orElse(Consistency.CRASH);
            session.execute(CLASSIFY_SNAPSHOT, proved.name(), id);
        }
        return new Run(
                run.id(),
                run.vm(),
                run.vmName(),
                run.state(),
                run.version(),
                run.startedAt(),
                run.frozen(),
                endedAt,
                result);
    }

    private void insertEvidence(String run, boolean beforehand, List<Evidence> evidence) throws SQLException {
        for (int i = 0; i < evidence.size(); i++) {
            Evidence item = evidence.get(i);
            session.execute(INSERT_EVIDENCE, run, beforehand, i, item.check(), item.ok(), item.detail());
        }
    }

    /** As it is read back. */
    private static Instant stored(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    private static Object time(Instant at) {
        return stored(at).atOffset(ZoneOffset.UTC);
    }
}
