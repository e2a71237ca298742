package io.stillframe.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The table {@code run_volume}: written as a whole. */
record Volumes(Session session) {
    private static final String DELETE = "DELETE FROM run_volume WHERE run = ?";
    private static final String INSERT = """
            INSERT INTO run_volume (run, seq, disk, driver, snapshot, snapshot_format, active)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String OF_RUN =
            "SELECT disk, driver, snapshot, snapshot_format, active FROM run_volume WHERE run = ? ORDER BY seq";

    void replace(RunId run, List<RunVolume> volumes) throws SQLException {
        session.update(DELETE, run.value());
        int seq = 0;
        for (RunVolume volume : volumes) {
            session.update(
                    INSERT,
                    run.value(),
                    seq++,
                    volume.disk(),
                    volume.driver(),
                    volume.snapshot(),
                    volume.snapshotFormat(),
                    volume.active());
        }
    }

    List<RunVolume> of(RunId run) throws SQLException {
        return session.query(OF_RUN, Volumes::read, run.value());
    }

    private static RunVolume read(ResultSet row) throws SQLException {
        return new RunVolume(
                row.getString("disk"),
                row.getString("driver"),
                row.getString("snapshot"),
                row.getString("snapshot_format"),
                row.getString("active"));
    }
}
