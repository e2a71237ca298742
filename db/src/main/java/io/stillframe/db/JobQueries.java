package io.stillframe.db;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The questions about jobs, as SQL. */
final class JobQueries {
    private static final String JOB = "SELECT * FROM job WHERE id = ?";
    private static final String JOBS = "SELECT * FROM job ORDER BY started_at DESC, id";
    private static final String JOBS_OF_NAMED = "SELECT * FROM job WHERE vm_name = ? ORDER BY started_at DESC, id";
    private static final String JOBS_OF_VM = "SELECT * FROM job WHERE vm = ? ORDER BY started_at DESC, id";
    private static final String JOBS_BY_PREFIX =
            "SELECT * FROM job WHERE id >= ? AND id < CONCAT(?, '~') ORDER BY id LIMIT 2";
    private static final String UNFINISHED = "SELECT * FROM job WHERE unfinished ORDER BY started_at, id";
    private static final String CHANGES = "SELECT * FROM job_change WHERE job = ? ORDER BY position";

    private final Session session;
    private final PreparedStatement changes;

    JobQueries(Session session) throws SQLException {
        this.session = session;
        // asked for with every job of a list
        this.changes = session.prepare(CHANGES);
    }

    List<Job> jobs(Optional<String> vm) throws SQLException {
        if (vm.isEmpty()) {
            return session.list(JOBS, this::job);
        }
        UUID uuid = Rows.uuid(vm.get());
        return uuid == null ? session.list(JOBS_OF_NAMED, this::job, vm.get()) : of(uuid);
    }

    List<Job> of(UUID vm) throws SQLException {
        return session.list(JOBS_OF_VM, this::job, vm);
    }

    List<Job> jobsLike(String prefix) throws SQLException {
        return session.list(JOBS_BY_PREFIX, this::job, prefix, prefix);
    }

    List<Job> unfinished() throws SQLException {
        return session.list(UNFINISHED, this::job);
    }

    Job journaled(RunId id) throws SQLException {
        return session.list(JOB, this::job, id.value()).get(0);
    }

    private Job job(ResultSet row) throws SQLException {
        String id = row.getString("id");
        return new Job(
                new RunId(id),
                JobKind.valueOf(row.getString("kind")),
                new RunId(row.getString("snapshot")),
                row.getObject("vm", UUID.class),
                row.getString("vm_name"),
                Optional.ofNullable(row.getString("name")),
                JobState.valueOf(row.getString("state")),
                row.getLong("version"),
                Rows.instant(row, "started_at").orElseThrow(),
                Rows.instant(row, "ended_at"),
                session.list(changes, Rows::change, id),
                Rows.error(row));
    }
}
