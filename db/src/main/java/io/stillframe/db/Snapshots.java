package io.stillframe.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The table {@code snapshot}: one row per snapshot that exists. */
record Snapshots(Session session, Volumes volumes) {
    private static final String INSERT = """
            INSERT INTO snapshot (run, taken_at, consistency)
            SELECT CAST(? AS CHARACTER VARYING), CAST(? AS TIMESTAMP(6) WITH TIME ZONE), CAST(? AS CHARACTER VARYING)
            WHERE NOT EXISTS (SELECT 1 FROM snapshot WHERE run = ?)
            """;
    private static final String PROVED = "UPDATE snapshot SET consistency = ? WHERE run = ?";
    private static final String DELETE = "DELETE FROM snapshot WHERE run = ?";
    private static final String COLUMNS = """
            SELECT snapshot.run, run.vm, run.vm_name, snapshot.taken_at, snapshot.consistency
            FROM snapshot JOIN run ON run.id = snapshot.run
            """;
    private static final String OF_RUN = COLUMNS + "WHERE snapshot.run = ?";
    private static final String ALL = COLUMNS + "ORDER BY run.ordinal DESC";
    private static final String OF_VM =
            COLUMNS + "WHERE run.vm_name = ? OR CAST(run.vm AS CHARACTER VARYING) = LOWER(?) ORDER BY run.ordinal DESC";

    /** A run that comes by here again (an operator settled it) keeps the record it has. */
    void insertUnlessThere(RunId run, Instant takenAt) throws SQLException {
        String id = run.value();
        session.update(INSERT, id, Runs.time(takenAt), Consistency.CRASH.label(), id);
    }

    void proved(RunId run, Consistency consistency) throws SQLException {
        session.update(PROVED, consistency.label(), run.value());
    }

    boolean delete(RunId run) throws SQLException {
        return session.update(DELETE, run.value()) > 0;
    }

    Optional<Snapshot> of(RunId run) throws SQLException {
        return complete(session.query(OF_RUN, Snapshots::read, run.value())).stream()
                .findFirst();
    }

    List<Snapshot> newestFirst(Optional<String> vm) throws SQLException {
        return complete(
                vm.isPresent()
                        ? session.query(OF_VM, Snapshots::read, vm.get(), vm.get())
                        : session.query(ALL, Snapshots::read));
    }

    private List<Snapshot> complete(List<Snapshot> rows) throws SQLException {
        List<Snapshot> snapshots = new ArrayList<>(rows.size());
        for (Snapshot row : rows) {
            snapshots.add(new Snapshot(row.run(), row.vm(), row.takenAt(), row.consistency(), volumes.of(row.run())));
        }
        return snapshots;
    }

    private static Snapshot read(ResultSet row) throws SQLException {
        return new Snapshot(
                new RunId(row.getString("run")),
                new Vm(row.getObject("vm", UUID.class), row.getString("vm_name")),
                Runs.instant(row, "taken_at").orElseThrow(),
                Consistency.parse(row.getString("consistency")),
                List.of());
    }
}
