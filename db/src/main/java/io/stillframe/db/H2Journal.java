package io.stillframe.db;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The journal in an H2 database: every call is one transaction, and one at a time. */
final class H2Journal implements Journal {
    /** The file only grows while it is open, by some 10 kB with every change. */
    static final long COMPACT_ABOVE_BYTES = 32L * 1024 * 1024;

    private final JournalFile file;
    private final Session session;
    private final SnapshotRows snapshots;
    private final RunRows runs;
    private final JobRows jobs;
    private final GroupRows groups;
    private final JournalQueries queries;

    private H2Journal(JournalFile file) throws SQLException {
        this.file = file;
        this.session = new Session(file.connection());
        this.snapshots = new SnapshotRows(session);
        this.runs = new RunRows(session, snapshots);
        this.jobs = new JobRows(session, snapshots);
        this.groups = new GroupRows(session);
        this.queries = new JournalQueries(session);
    }

    static H2Journal open(Path directory, long compactAbove) {
        return open(directory, compactAbove, new LocalDisk());
    }

    static H2Journal open(Path directory, long compactAbove, Disk disk) {
        JournalFile file = JournalFile.open(directory, compactAbove, disk);
        try {
            return new H2Journal(file);
        } catch (SQLException e) {
            file.close();
            throw Failures.using("cannot read the journal in " + directory, e);
        }
    }

    @Override
    public synchronized Run plan(RunId id, UUID vm, String vmName, Instant at) {
        return session.write("plan run " + id.value(), () -> {
            jobs.requireNoJob(id);
            return runs.plan(id, vm, vmName, at);
        });
    }

    @Override
    public synchronized void intend(RunId run, Intent intent) {
        session.change("record the intent of run " + run.value(), () -> runs.intend(run.value(), intent));
    }

    @Override
    public synchronized Run advance(Run run, RunState to, Instant at) {
        return session.write("move run %s to %s".formatted(run.id().value(), to), () -> runs.move(run, to, at));
    }

    @Override
    public synchronized Run froze(Run run, int filesystems, Instant at) {
        return session.write(
                "move run %s to FROZEN".formatted(run.id().value()), () -> runs.froze(run, filesystems, at));
    }

    @Override
    public synchronized Run released(Run run, Instant at, RunResult result, List<Evidence> evidence) {
        return session.write("release run " + run.id().value(), () -> {
            Run moved = runs.move(run, RunState.RELEASED, at);
            return runs.said(moved, Optional.empty(), result, evidence);
        });
    }

    @Override
    public synchronized Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence) {
        return session.write("end run %s as %s".formatted(run.id().value(), to), () -> {
            Run moved = runs.move(run, to, at);
            return runs.said(moved, Optional.of(at), result, evidence);
        });
    }

    @Override
    public synchronized void plan(RunGroup group) {
        session.change("plan group " + group.id().value(), () -> groups.plan(group));
    }

    @Override
    public synchronized RunGroup prove(RunGroup group, OneInstant proof) {
        return session.write("prove group " + group.id().value(), () -> groups.prove(group, proof));
    }

    @Override
    public synchronized Optional<RunGroup> groupOf(RunId run) {
        return session.read(() -> groups.of(run));
    }

    @Override
    public synchronized Job begin(Job job) {
        return session.write("begin job " + job.id().value(), () -> jobs.begin(job));
    }

    @Override
    public synchronized Job finish(Job job, JobState to, Instant at, Optional<RunError> error) {
        return session.write(
                "finish job %s as %s".formatted(job.id().value(), to), () -> jobs.finish(job, to, at, error));
    }

    @Override
    public synchronized void opened(RunId snapshot, Instant at) {
        session.change("note snapshot %s as opened".formatted(snapshot.label()), () -> snapshots.opened(snapshot, at));
    }

    @Override
    public synchronized void closed(RunId snapshot) {
        session.change("note snapshot %s as closed".formatted(snapshot.label()), () -> snapshots.closed(snapshot));
    }

    @Override
    public synchronized void lost(RunId snapshot) {
        session.change("note snapshot %s as lost".formatted(snapshot.label()), () -> snapshots.lost(snapshot));
    }

    @Override
    public synchronized void found(RunId snapshot) {
        session.change("note snapshot %s as found".formatted(snapshot.label()), () -> snapshots.found(snapshot));
    }

    @Override
    public void force() {
        file.force();
    }

    @Override
    public synchronized List<Run> runs(Optional<String> vm) {
        return session.read(() -> queries.runs(vm));
    }

    @Override
    public synchronized List<Run> runsLike(String prefix) {
        return session.read(() -> queries.runsLike(prefix));
    }

    @Override
    public synchronized List<Run> unfinished() {
        return session.read(queries::unfinished);
    }

    @Override
    public synchronized Optional<Intent> intent(RunId run) {
        return session.read(() -> queries.intent(run));
    }

    @Override
    public synchronized List<Transition> transitions(RunId run) {
        return session.read(() -> queries.transitions(run));
    }

    @Override
    public synchronized List<RunVolume> volumes(RunId run) {
        return session.read(() -> queries.volumes(run));
    }

    @Override
    public synchronized List<Evidence> evidence(RunId run) {
        return session.read(() -> queries.evidence(run));
    }

    @Override
    public synchronized List<Snapshot> snapshots(Optional<String> vm) {
        return session.read(() -> queries.snapshots(vm));
    }

    @Override
    public synchronized Optional<RunId> head(UUID vm) {
        return session.read(() -> snapshots.head(vm));
    }

    @Override
    public synchronized List<Job> jobs(Optional<String> vm) {
        return session.read(() -> jobs.jobs(vm));
    }

    @Override
    public synchronized List<Job> jobsLike(String prefix) {
        return session.read(() -> jobs.jobsLike(prefix));
    }

    @Override
    public synchronized List<Job> unfinishedJobs() {
        return session.read(jobs::unfinished);
    }

    @Override
    public synchronized void close() {
        file.close();
    }
}
