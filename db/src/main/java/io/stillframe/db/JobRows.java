package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The jobs, and what their ends mean for the snapshots. Each call is a part of somebody's transaction. */
final class JobRows {
    private static final String IS_JOB = "SELECT id FROM job WHERE id = ?";
    private static final String IS_RUN = "SELECT id FROM run WHERE id = ?";
    private static final String MAY_BEGIN = """
            SELECT snapshot.run FROM snapshot JOIN run ON run.id = snapshot.run
            WHERE snapshot.run = ? AND run.vm = ? AND snapshot.removal IS NULL AND (NOT snapshot.lost OR ? = 'REMOVE')
                AND NOT EXISTS (SELECT 1 FROM job WHERE job.vm = ? AND job.state NOT IN ('DONE', 'FAILED'))
            """;
    private static final String INSERT = """
            INSERT INTO job (id, kind, snapshot, vm, vm_name, name, state, version, started_at)
            VALUES (?, ?, ?, ?, ?, ?, 'BEGUN', 0, ?)
            """;
    private static final String INSERT_CHANGE = """
            INSERT INTO job_change (job, position, disk, driver, from_name, to_name, format)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String UPDATE = """
            UPDATE job SET state = ?, version = version + 1, ended_at = ?,
                error_code = ?, error_message = ?, error_hint = ?
            WHERE id = ? AND version = ? AND state NOT IN ('DONE', 'FAILED')
            """;
    private static final String JOB = "SELECT * FROM job WHERE id = ?";
    private static final String JOBS = """
            SELECT * FROM job WHERE ? IS NULL OR vm_name = ? OR CAST(vm AS VARCHAR) = ?
            ORDER BY started_at DESC, id
            """;
    private static final String JOBS_BY_PREFIX = "SELECT * FROM job WHERE POSITION(? IN id) = 1 ORDER BY id LIMIT 2";
    private static final String UNFINISHED =
            "SELECT * FROM job WHERE state NOT IN ('DONE', 'FAILED') ORDER BY started_at, id";
    private static final String CHANGES = "SELECT * FROM job_change WHERE job = ? ORDER BY position";

    private final Session session;
    private final SnapshotRows snapshots;

    JobRows(Session session, SnapshotRows snapshots) {
        this.session = session;
        this.snapshots = snapshots;
    }

    /** A name is a run's or a job's. */
    void requireNoJob(RunId id) throws SQLException {
        requireNone(IS_JOB, id);
    }

    Job begin(Job job) throws SQLException {
        if (!job.isBeginning()) {
            throw new IllegalArgumentException("not the beginning of a job: " + job);
        }
        requireNone(IS_RUN, job.id());
        requireNoJob(job.id());
        requireMayBegin(job);
        String id = job.id().value();
        session.execute(
                INSERT,
                id,
                job.kind().name(),
                job.snapshot().value(),
                job.vm(),
                job.vmName(),
                job.name().orElse(null),
                Rows.time(job.startedAt()));
        for (int i = 0; i < job.changes().size(); i++) {
            JobChange of = job.changes().get(i);
            session.execute(INSERT_CHANGE, id, i, of.disk(), of.driver(), of.from(), of.to(), of.format());
        }
        if (job.kind() == JobKind.REMOVE) {
            snapshots.beginRemoval(job.snapshot(), job.id());
        }
        return journaled(job.id());
    }

    Job finish(Job job, JobState to, Instant at, Optional<RunError> error) throws SQLException {
        if (to == JobState.BEGUN) {
            throw new IllegalArgumentException("a job begins once");
        }
        String id = job.id().value();
        int rows = session.execute(
                UPDATE,
                to.name(),
                Rows.time(at),
                error.map(RunError::code).orElse(null),
                error.map(RunError::message).orElse(null),
                error.map(RunError::hint).orElse(null),
                id,
                job.version());
        if (rows != 1) {
            throw new JournalException(
                    Kind.STALE,
                    "job %s is no longer at version %d, or has ended: somebody else has moved it"
                            .formatted(id, job.version()),
                    null);
        }
        Job finished = journaled(job.id());
        settle(finished);
        return finished;
    }

    List<Job> jobs(Optional<String> vm) throws SQLException {
        String name = vm.orElse(null);
        return session.list(JOBS, this::job, name, name, name);
    }

    List<Job> jobsLike(String prefix) throws SQLException {
        return session.list(JOBS_BY_PREFIX, this::job, prefix);
    }

    List<Job> unfinished() throws SQLException {
        return session.list(UNFINISHED, this::job);
    }

    private void requireMayBegin(Job job) throws SQLException {
        boolean may = !session.list(
                        MAY_BEGIN,
                        row -> true,
                        job.snapshot().value(),
                        job.vm(),
                        job.kind().name(),
                        job.vm())
                .isEmpty();
        if (!may) {
            throw new JournalException(
                    Kind.STALE,
                    "machine %s has no snapshot %s that is present, or something else is still being done with one"
                            .formatted(job.vmName(), job.snapshot().label()),
                    null);
        }
    }

    private void requireNone(String sql, RunId id) throws SQLException {
        if (!session.list(sql, row -> true, id.value()).isEmpty()) {
            throw new JournalException(Kind.IO, "the name %s is taken".formatted(id.value()), null);
        }
    }

    private void settle(Job job) throws SQLException {
        switch (job.state()) {
            case DONE -> done(job);
            case FAILED -> {
                if (job.kind() == JobKind.REMOVE) {
                    snapshots.endRemoval(job.snapshot());
                }
            }
            case BEGUN, QUARANTINED -> {
                // what it is doing or has done is not known: nothing follows from it
            }
        }
    }

    private void done(Job job) throws SQLException {
        switch (job.kind()) {
            case REMOVE -> {
                for (JobChange change : job.changes()) {
                    snapshots.move(job.vm(), change);
                }
                snapshots.forget(job.snapshot(), job.vm());
            }
            case REVERT -> snapshots.reverted(job.vm(), job.snapshot());
            case CLONE -> {
                // the machine that it was made of is as it was
            }
        }
    }

    private Job journaled(RunId id) throws SQLException {
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
                session.list(CHANGES, Rows::change, id),
                Rows.error(row));
    }
}
