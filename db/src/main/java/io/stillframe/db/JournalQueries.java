package io.stillframe.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The questions to the journal, as SQL. */
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
    private static final String EVIDENCE = "SELECT * FROM evidence WHERE run = ? AND beforehand = ? ORDER BY position";
    private static final String SNAPSHOTS = """
            SELECT run.id, run.vm, run.vm_name, snapshot.taken_at, snapshot.consistency
            FROM snapshot JOIN run ON run.id = snapshot.run
            WHERE ? IS NULL OR run.vm_name = ? OR CAST(run.vm AS VARCHAR) = ?
            ORDER BY snapshot.taken_at DESC, run.id
            """;

    private final Connection connection;

    JournalQueries(Connection connection) {
        this.connection = connection;
    }

    List<Run> runs(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return list(RUNS, Rows::run, name, name, name);
    }

    List<Run> runsLike(String prefix) throws SQLException {
        return list(RUNS_BY_PREFIX, Rows::run, prefix);
    }

    List<Run> unfinished() throws SQLException {
        return list(UNFINISHED, Rows::run);
    }

    Optional<Intent> intent(RunId run) throws SQLException {
        List<Evidence> evidence = evidence(run, true);
        List<RunVolume> volumes = volumes(run);
        return list(INTENT, row -> Rows.intent(row, evidence, volumes), run.value()).stream()
                .findFirst();
    }

    List<Transition> transitions(RunId run) throws SQLException {
        return list(
                TRANSITIONS,
                row -> new Transition(
                        RunState.valueOf(row.getString("state")),
                        Rows.instant(row, "at").orElseThrow()),
                run.value());
    }

    List<RunVolume> volumes(RunId run) throws SQLException {
        return list(VOLUMES, Rows::volume, run.value());
    }

    List<Evidence> evidence(RunId run) throws SQLException {
        return evidence(run, false);
    }

    List<Snapshot> snapshots(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return list(SNAPSHOTS, this::snapshot, name, name, name);
    }

    private List<Evidence> evidence(RunId run, boolean beforehand) throws SQLException {
        return list(EVIDENCE, Rows::evidence, run.value(), beforehand);
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
                SnapshotState.PRESENT,
                Optional.empty(),
                Optional.empty(),
                volumes(run));
    }

    private <T> List<T> list(String sql, RowReader<T> reader, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> list = new ArrayList<>();
                while (rows.next()) {
                    list.add(reader.read(rows));
                }
                return list;
            }
        }
    }

    @FunctionalInterface
    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }
}
