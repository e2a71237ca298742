package io.stillframe.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The questions about runs and their snapshots, as SQL. */
final class JournalQueries {
    private static final String RUNS = """
            SELECT * FROM run WHERE ? IS NULL OR vm_name = ? OR CAST(vm AS VARCHAR) = ?
            ORDER BY started_at DESC, id
            """;
    private static final String RUNS_BY_PREFIX = "SELECT * FROM run WHERE POSITION(? IN id) = 1 ORDER BY id LIMIT 2";
    private static final String UNFINISHED =
            "SELECT * FROM run WHERE state NOT IN ('COMPLETED', 'FAILED', 'ABANDONED') ORDER BY started_at";
    private static final String INTENT = "SELECT * FROM run WHERE id = ? AND required IS NOT NULL";
    private static final String TRANSITIONS = "SELECT * FROM transition WHERE run = ? ORDER BY version";
    private static final String VOLUMES = "SELECT * FROM volume WHERE run = ? ORDER BY position";
    private static final String HELD = "SELECT * FROM held WHERE run = ? ORDER BY position";
    private static final String EVIDENCE = "SELECT * FROM evidence WHERE run = ? AND beforehand = ? ORDER BY position";
    private static final String SNAPSHOTS = """
            SELECT run.id, run.vm, run.vm_name, run.policy, snapshot.taken_at, snapshot.consistency,
                snapshot.removal, snapshot.lost, snapshot.parent, snapshot.opened_at
            FROM snapshot JOIN run ON run.id = snapshot.run
            WHERE ? IS NULL OR run.vm_name = ? OR CAST(run.vm AS VARCHAR) = ?
            ORDER BY snapshot.taken_at DESC, run.id
            """;
    private static final String HEAD = "SELECT run FROM head WHERE vm = ? AND run IS NOT NULL";

    private final Session session;

    JournalQueries(Session session) {
        this.session = session;
    }

    List<Run> runs(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return session.list(RUNS, Rows::run, name, name, name);
    }

    List<Run> runsLike(String prefix) throws SQLException {
        return session.list(RUNS_BY_PREFIX, Rows::run, prefix);
    }

    List<Run> unfinished() throws SQLException {
        return session.list(UNFINISHED, Rows::run);
    }

    Optional<Intent> intent(RunId run) throws SQLException {
        List<Evidence> evidence = evidence(run, true);
        List<RunVolume> volumes = volumes(run);
        List<Filesystem> held = session.list(HELD, Rows::held, run.value());
        return session.list(INTENT, row -> Rows.intent(row, evidence, volumes, held), run.value()).stream()
                .findFirst();
    }

    List<Transition> transitions(RunId run) throws SQLException {
        return session.list(
                TRANSITIONS,
                row -> new Transition(
                        RunState.valueOf(row.getString("state")),
                        Rows.instant(row, "at").orElseThrow()),
                run.value());
    }

    List<RunVolume> volumes(RunId run) throws SQLException {
        return session.list(VOLUMES, Rows::volume, run.value());
    }

    List<Evidence> evidence(RunId run) throws SQLException {
        return evidence(run, false);
    }

    List<Snapshot> snapshots(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return session.list(SNAPSHOTS, this::snapshot, name, name, name);
    }

    Optional<RunId> head(UUID vm) throws SQLException {
        return session.list(HEAD, row -> new RunId(row.getString(1)), vm).stream()
                .findFirst();
    }

    private List<Evidence> evidence(RunId run, boolean beforehand) throws SQLException {
        return session.list(EVIDENCE, Rows::evidence, run.value(), beforehand);
    }

    private Snapshot snapshot(ResultSet row) throws SQLException {
        RunId run = new RunId(row.getString("id"));
        return new Snapshot(
                run.label(),
                run,
                row.getObject("vm", UUID.class),
                row.getString("vm_name"),
                Rows.instant(row, "taken_at").orElseThrow(),
                Rows.consistency(row).orElseThrow(),
                Rows.snapshotState(row),
                Optional.ofNullable(row.getString("parent")).map(RunId::new),
                Rows.instant(row, "opened_at"),
                Optional.ofNullable(row.getString("policy")),
                volumes(run));
    }
}
