package io.stillframe.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The table {@code evidence}: the last proof of a run, written as a whole. */
record Proofs(Session session) {
    private static final String DELETE = "DELETE FROM evidence WHERE run = ?";
    private static final String INSERT = "INSERT INTO evidence (run, seq, what, ok, detail) VALUES (?, ?, ?, ?, ?)";
    private static final String OF_RUN = "SELECT what, ok, detail FROM evidence WHERE run = ? ORDER BY seq";

    void replace(RunId run, List<Evidence> evidence) throws SQLException {
        session.update(DELETE, run.value());
        int seq = 0;
        for (Evidence one : evidence) {
            session.update(INSERT, run.value(), seq++, one.check(), one.ok(), Journal.bounded(one.detail()));
        }
    }

    List<Evidence> of(RunId run) throws SQLException {
        return session.query(OF_RUN, Proofs::read, run.value());
    }

    private static Evidence read(ResultSet row) throws SQLException {
        return new Evidence(row.getString("what"), row.getBoolean("ok"), row.getString("detail"));
    }
}
