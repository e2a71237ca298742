package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The jobs, and what their ends mean for the snapshots. Each call is a part of somebody's transaction. */
final class JobRows {
    private static final String IS_JOB = "SELECT id FROM job WHERE id = ?";
    private static final String IS_RUN = "SELECT id FROM run WHERE id = ?";
    private static final String MAY_BEGIN = """
            SELECT snapshot.run FROM snapshot JOIN run ON run.id = snapshot.run
            WHERE snapshot.run = ? AND run.vm = ? AND snapshot.removal IS NULL AND (NOT snapshot.lost OR ? = 'REMOVE')
                AND NOT EXISTS (SELECT 1 FROM job WHERE job.vm = ? AND job.unfinished)
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

    private final Session session;
    private final SnapshotRows snapshots;
    private final JobQueries queries;

    JobRows(Session session, SnapshotRows snapshots) throws SQLException {
        this.session = session;
        this.snapshots = snapshots;
        this.queries = new JobQueries(session);
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
        return queries.journaled(job.id());
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
        Job finished = queries.journaled(job.id());
        settle(finished);
        return finished;
    }

    Job giveUp(Job job, Instant at, RunError word, List<JobChange> made) throws SQLException {
        Job ended = finish(job, JobState.FAILED, at, Optional.of(word));
        if (ended.kind() == JobKind.REMOVE) {
            for (JobChange change : made) {
                snapshots.move(ended.vm(), change);
            }
            snapshots.lost(ended.snapshot());
        }
        return ended;
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
}
