package io.stillframe.db;

import java.sql.SQLException;
import java.time.Instant;

/** All tables over one session. */
record Tables(Runs runs, Transitions transitions, Volumes volumes, Proofs proofs, Snapshots snapshots) {
    static Tables over(Session session) {
        Volumes volumes = new Volumes(session);
        return new Tables(
                new Runs(session),
                new Transitions(session),
                volumes,
                new Proofs(session),
                new Snapshots(session, volumes));
    }

    Run advance(Run run, RunState to, Instant at, String detail) throws SQLException {
        Run advanced = run.advanced(to, at);
        runs.advance(run, advanced);
        transitions.insert(run.id(), new Transition(advanced.version(), run.state(), to, at, detail));
        if (to == RunState.SNAPSHOTTED) {
            snapshots.insertUnlessThere(run.id(), at);
        }
        return advanced;
    }

    Run outcome(Run run, Outcome outcome) throws SQLException {
        runs.outcome(run, outcome);
        return run.with(outcome);
    }
}
