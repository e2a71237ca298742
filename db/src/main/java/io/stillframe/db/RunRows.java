package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** The runs, with their states, volumes and evidence. Each call is a part of somebody's transaction. */
final class RunRows {
    private static final String INSERT =
            "INSERT INTO run (id, vm, vm_name, state, version, started_at) VALUES (?, ?, ?, ?, 0, ?)";
    /** An intent is said once. */
    private static final String UPDATE_INTENT = """
            UPDATE run SET policy = ?, required = ?, to_freeze = ?, freeze_limit_micros = ? WHERE id = ? AND required IS NULL
            """;

    private static final String INSERT_VOLUME = """
            INSERT INTO volume (run, disk, position, driver, snapshot, format, active, quiesce)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String INSERT_HELD =
            "INSERT INTO held (run, position, mountpoint, device, type, disks) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String UPDATE_STATE =
            "UPDATE run SET state = ?, version = version + 1 WHERE id = ? AND version = ?";
    private static final String UPDATE_FROZEN =
            "UPDATE run SET state = 'FROZEN', frozen = ?, version = version + 1 WHERE id = ? AND version = ?";
    private static final String INSERT_TRANSITION =
            "INSERT INTO transition (run, version, state, at) VALUES (?, ?, ?, ?)";
    private static final String UPDATE_RESULT = """
            UPDATE run SET ended_at = ?, consistency = ?, filesystems = ?, window_micros = ?,
                error_code = ?, error_message = ?, error_hint = ?
            WHERE id = ?
            """;
    private static final String DELETE_EVIDENCE = "DELETE FROM evidence WHERE run = ? AND NOT beforehand";
    private static final String INSERT_EVIDENCE =
            "INSERT INTO evidence (run, beforehand, position, name, ok, detail) VALUES (?, ?, ?, ?, ?, ?)";

    private final Session session;
    private final SnapshotRows snapshots;
    private final PreparedStatement updateState;
    private final PreparedStatement updateFrozen;
    private final PreparedStatement insertTransition;

    RunRows(Session session, SnapshotRows snapshots) throws SQLException {
        this.session = session;
        this.snapshots = snapshots;
        // prepared now because they are executed while a guest is frozen
        this.updateState = session.prepare(UPDATE_STATE);
        this.updateFrozen = session.prepare(UPDATE_FROZEN);
        this.insertTransition = session.prepare(INSERT_TRANSITION);
    }

    Run plan(RunId id, UUID vm, String vmName, Instant at) throws SQLException {
        session.execute(INSERT, id.value(), vm, vmName, RunState.PLANNED.name(), Rows.time(at));
        session.execute(insertTransition, id.value(), 0L, RunState.PLANNED.name(), Rows.time(at));
        return new Run(
                id,
                vm,
                vmName,
                RunState.PLANNED,
                0,
                Rows.stored(at),
                OptionalInt.empty(),
                Optional.empty(),
                RunResult.NONE);
    }

    void intend(String id, Intent intent) throws SQLException {
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
        for (int i = 0; i < intent.held().size(); i++) {
            Filesystem of = intent.held().get(i);
            session.execute(
                    INSERT_HELD,
                    id,
                    i,
                    of.mountpoint(),
                    of.device(),
                    of.type(),
                    of.disks().toArray());
        }
        insertEvidence(id, true, intent.evidence());
        insertEvidence(id, false, intent.evidence());
    }

    Run move(Run run, RunState to, Instant at) throws SQLException {
        requireMoved(run, session.execute(updateState, to.name(), run.id().value(), run.version()));
        if (to == RunState.SNAPSHOTTED) {
            snapshots.record(run, at);
        }
        return moved(run, to, at, run.frozen());
    }

    Run froze(Run run, int filesystems, Instant at) throws SQLException {
        requireMoved(run, session.execute(updateFrozen, filesystems, run.id().value(), run.version()));
        return moved(run, RunState.FROZEN, at, OptionalInt.of(filesystems));
    }

    Run said(Run run, Optional<Instant> endedAt, RunResult result, List<Evidence> evidence) throws SQLException {
        String id = run.id().value();
        Object ended = endedAt.map(Rows::time).orElse(null);
        session.execute(UPDATE_RESULT, Session.and(Rows.parameters(ended, result), id));
        session.execute(DELETE_EVIDENCE, id);
        insertEvidence(id, false, evidence);
        if (run.state() == RunState.FAILED) {
            snapshots.forget(run.id(), run.vm());
        } else {
            snapshots.classify(run.id(), result.consistency().orElse(Consistency.CRASH));
        }
        return new Run(
                run.id(),
                run.vm(),
                run.vmName(),
                run.state(),
                run.version(),
                run.startedAt(),
                run.frozen(),
                endedAt.map(Rows::stored),
                result);
    }

    private Run moved(Run run, RunState to, Instant at, OptionalInt frozen) throws SQLException {
        session.execute(insertTransition, run.id().value(), run.version() + 1, to.name(), Rows.time(at));
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

    private void insertEvidence(String run, boolean beforehand, List<Evidence> evidence) throws SQLException {
        for (int i = 0; i < evidence.size(); i++) {
            Evidence item = evidence.get(i);
            session.execute(INSERT_EVIDENCE, run, beforehand, i, item.check(), item.ok(), item.detail());
        }
    }
}
