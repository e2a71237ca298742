package io.stillframe.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The table {@code run_transition}: only ever added to. */
record Transitions(Session session) {
    private static final String INSERT =
            "INSERT INTO run_transition (run, seq, from_state, to_state, at, detail) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String OF_RUN =
            "SELECT seq, from_state, to_state, at, detail FROM run_transition WHERE run = ? ORDER BY seq";

    void insert(RunId run, Transition transition) throws SQLException {
        session.update(
                INSERT,
                run.value(),
                transition.seq(),
                transition.from().name(),
                transition.to().name(),
                Runs.time(transition.at()),
                transition.detail());
    }

    List<Transition> of(RunId run) throws SQLException {
        return session.query(OF_RUN, Transitions::read, run.value());
    }

    private static Transition read(ResultSet row) throws SQLException {
        return new Transition(
                row.getLong("seq"),
                RunState.valueOf(row.getString("from_state")),
                RunState.valueOf(row.getString("to_state")),
                Runs.instant(row, "at").orElseThrow(),
                row.getString("detail"));
    }
}
