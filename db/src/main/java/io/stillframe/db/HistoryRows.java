package io.stillframe.db;

import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** All records of a machine, and the end of some. Each call is a part of somebody's transaction. */
final class HistoryRows {
    private static final String MACHINES = "SELECT DISTINCT vm FROM run";
    private static final String RUNS = "SELECT * FROM run WHERE vm = ?";
    private static final String TAKEN = """
            SELECT snapshot.run, snapshot.taken_at FROM snapshot JOIN run ON run.id = snapshot.run WHERE run.vm = ?
            """;
    private static final List<String> DELETE_JOB =
            List.of("DELETE FROM job_change WHERE job = ?", "DELETE FROM job WHERE id = ?");
    private static final List<String> DELETE_RUN = List.of(
            "DELETE FROM transition WHERE run = ?",
            "DELETE FROM evidence WHERE run = ?",
            "DELETE FROM held WHERE run = ?",
            "DELETE FROM volume WHERE run = ?",
            "DELETE FROM run WHERE id = ?");
    /** One of which some runs are left is still their group, with all its members. */
    private static final String EMPTY_GROUP = """
            SELECT run_group FROM run_group_member AS gone WHERE gone.run = ? AND NOT EXISTS (
                SELECT 1 FROM run_group_member AS other JOIN run ON run.id = other.run
                WHERE other.run_group = gone.run_group)
            """;

    private static final List<String> DELETE_GROUP =
            List.of("DELETE FROM run_group_member WHERE run_group = ?", "DELETE FROM run_group WHERE id = ?");

    private final Session session;
    private final JournalQueries queries;
    private final JobQueries jobs;

    HistoryRows(Session session, JournalQueries queries, JobQueries jobs) {
        this.session = session;
        this.queries = queries;
        this.jobs = jobs;
    }

    List<UUID> machines() throws SQLException {
        return session.list(MACHINES, row -> row.getObject(1, UUID.class));
    }

    History of(UUID vm) throws SQLException {
        Map<RunId, Instant> taken = new HashMap<>();
        session.list(
                TAKEN,
                row -> taken.put(
                        new RunId(row.getString(1)),
                        Rows.instant(row, "taken_at").orElseThrow()),
                vm);
        return new History(session.list(RUNS, Rows::run, vm), queries.volumes(vm), taken, jobs.of(vm));
    }

    void delete(Expired expired) throws SQLException {
        for (RunId job : expired.jobs()) {
            delete(DELETE_JOB, job.value());
        }
        for (RunId run : expired.runs()) {
            delete(DELETE_RUN, run.value());
            for (String group : session.list(EMPTY_GROUP, row -> row.getString(1), run.value())) {
                delete(DELETE_GROUP, group);
            }
        }
    }

    private void delete(List<String> statements, String id) throws SQLException {
        for (String sql : statements) {
            session.execute(sql, id);
        }
    }
}
