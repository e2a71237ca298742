package io.stillframe.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The questions that the journal answers, within {@link Journal#read}. */
public final class JournalQueries {
    private static final String RUNS = """
            SELECT * FROM run WHERE ? IS NULL OR vm_name = ? OR CAST(vm AS VARCHAR) = ?
            ORDER BY started_at DESC, id
            """;
    private static final String RUNS_BY_PREFIX = "SELECT * FROM run WHERE POSITION(? IN id) = 1 ORDER BY id LIMIT 2";
    private static final String UNFINISHED =
            "SELECT * FROM run WHERE state NOT IN ('COMPLETED', 'FAILED', 'ABANDONED') ORDER BY started_at";
    private static final String TRANSITIONS = "SELECT * FROM transition WHERE run = ? ORDER BY version";
    private static final String VOLUMES = "SELECT * FROM volume WHERE run = ? ORDER BY position";
    private static final String EVIDENCE = "SELECT * FROM evidence WHERE run = ? ORDER BY position";
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

    /** All runs, or those of a machine by its name or UUID, the newest first. */
    public List<Run> runs(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return list(RUNS, Rows::run, name, name, name);
    }

    /** The runs whose id begins like this: at most two, which is enough to see that it is ambiguous. */
    public List<Run> runsLike(String prefix) throws SQLException {
        return list(RUNS_BY_PREFIX, Rows::run, prefix);
    }

    /** The runs that are in no final state, the oldest first. */
    public List<Run> unfinished() throws SQLException {
        return list(UNFINISHED, Rows::run);
    }

    public List<Transition> transitions(RunId run) throws SQLException {
        return list(
                TRANSITIONS,
                row -> new Transition(
                        RunState.valueOf(row.getString("state")),
                        Rows.instant(row, "at").orElseThrow()),
                run.value());
    }

    public List<RunVolume> volumes(RunId run) throws SQLException {
        return list(VOLUMES, Rows::volume, run.value());
    }

    public List<Evidence> evidence(RunId run) throws SQLException {
        return list(
                EVIDENCE,
                row -> new Evidence(row.getString("name"), row.getBoolean("ok"), row.getString("detail")),
                run.value());
    }

    /** All snapshots, or those of a machine by its name or UUID, the newest first. */
    public List<Snapshot> snapshots(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return list(SNAPSHOTS, this::snapshot, name, name, name);
    }

    private Snapshot snapshot(ResultSet row) throws SQLException {
        RunId run = new RunId(row.getString("id"));
        return new Snapshot(
                run.label(),
                run,
                row.getObject("vm", java.util.UUID.class),
                row.getString("vm_name"),
                Rows.instant(row, "taken_at").orElseThrow(),
                Rows.consistency(row).orElseThrow(),
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
