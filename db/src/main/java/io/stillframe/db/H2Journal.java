package io.stillframe.db;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The journal in an H2 database: every call is one transaction. One change at a time is made; lists are made on a connection
 * of their own, and short questions asked on another, so that neither keeps a run waiting that holds a guest. The file only
 * grows while it is open, by some 10 kB with every change.
 */
final class H2Journal implements Journal {
    private final JournalFile file;
    private final Session changes;
    private final Session lists;
    private final Session questions;
    private final SnapshotRows snapshots;
    private final RunRows runs;
    private final JobRows jobs;
    private final GroupRows groups;
    private final HistoryRows history;
    private final JournalQueries current;
    private final JournalQueries listing;
    private final JobQueries listingJobs;
    private final HistoryRows listingHistory;
    private final JournalQueries queries;
    private final JobQueries jobQueries;
    private final GroupRows groupQueries;

    private H2Journal(JournalFile file) throws SQLException {
        this.file = file;
        this.changes = new Session(file.connection());
        this.lists = new Session(file.connect());
        this.questions = new Session(file.connect());
        this.snapshots = new SnapshotRows(changes);
        this.runs = new RunRows(changes, snapshots);
        this.jobs = new JobRows(changes, snapshots);
        this.groups = new GroupRows(changes);
        this.current = new JournalQueries(changes);
        this.history = new HistoryRows(changes, current, new JobQueries(changes));
        this.listing = new JournalQueries(lists);
        this.listingJobs = new JobQueries(lists);
        this.listingHistory = new HistoryRows(lists, listing, listingJobs);
        this.queries = new JournalQueries(questions);
        this.jobQueries = new JobQueries(questions);
        this.groupQueries = new GroupRows(questions);
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
    public Run plan(RunId id, UUID vm, String vmName, Instant at) {
        return changes.write("plan run " + id.value(), () -> {
            jobs.requireNoJob(id);
            return runs.plan(id, vm, vmName, at);
        });
    }

    @Override
    public void intend(RunId run, Intent intent) {
        changes.change("record the intent of run " + run.value(), () -> runs.intend(run.value(), intent));
    }

    @Override
    public Run advance(Run run, RunState to, Instant at) {
        return changes.write("move run %s to %s".formatted(run.id().value(), to), () -> runs.move(run, to, at));
    }

    @Override
    public Run froze(Run run, int filesystems, Instant at) {
        return changes.write(
                "move run %s to FROZEN".formatted(run.id().value()), () -> runs.froze(run, filesystems, at));
    }

    @Override
    public Run released(Run run, Instant at, RunResult result, List<Evidence> evidence) {
        return changes.write("release run " + run.id().value(), () -> {
            Run moved = runs.move(run, RunState.RELEASED, at);
            return runs.said(moved, Optional.empty(), result, evidence);
        });
    }

    @Override
    public Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence) {
        return changes.write("end run %s as %s".formatted(run.id().value(), to), () -> {
            Run moved = runs.move(run, to, at);
            return runs.said(moved, Optional.of(at), result, evidence);
        });
    }

    @Override
    public void plan(RunGroup group) {
        changes.change("plan group " + group.id().value(), () -> groups.plan(group));
    }

    @Override
    public RunGroup prove(RunGroup group, OneInstant proof) {
        return changes.write("prove group " + group.id().value(), () -> groups.prove(group, proof));
    }

    @Override
    public Optional<RunGroup> groupOf(RunId run) {
        return questions.read(() -> groupQueries.of(run));
    }

    @Override
    public Job begin(Job job) {
        return changes.write("begin job " + job.id().value(), () -> jobs.begin(job));
    }

    @Override
    public Job finish(Job job, JobState to, Instant at, Optional<RunError> error) {
        return changes.write(
                "finish job %s as %s".formatted(job.id().value(), to), () -> jobs.finish(job, to, at, error));
    }

    @Override
    public Job giveUp(Job job, Instant at, RunError word, List<JobChange> made) {
        return changes.write("give up job " + job.id().value(), () -> jobs.giveUp(job, at, word, made));
    }

    @Override
    public void opened(RunId snapshot, Instant at) {
        changes.change("note snapshot %s as opened".formatted(snapshot.label()), () -> snapshots.opened(snapshot, at));
    }

    @Override
    public void closed(RunId snapshot) {
        changes.change("note snapshot %s as closed".formatted(snapshot.label()), () -> snapshots.closed(snapshot));
    }

    @Override
    public void lost(RunId snapshot) {
        changes.change("note snapshot %s as lost".formatted(snapshot.label()), () -> snapshots.lost(snapshot));
    }

    @Override
    public void found(RunId snapshot) {
        changes.change("note snapshot %s as found".formatted(snapshot.label()), () -> snapshots.found(snapshot));
    }

    @Override
    public List<UUID> machines() {
        return lists.read(listingHistory::machines);
    }

    @Override
    public Expired expired(UUID vm, Instant before) {
        return lists.read(() -> listingHistory.of(vm).endedBefore(before));
    }

    @Override
    public Optional<Expired> prune(UUID vm, Instant before, int most) {
        return changes.write("prune the history of machine " + vm, () -> {
            if (current.unfinished().stream().anyMatch(run -> run.state().mayBeHeld())) {
                return Optional.empty();
            }
            Expired gone = history.of(vm).endedBefore(before).first(most);
            history.delete(gone);
            return Optional.of(gone);
        });
    }

    @Override
    public void force() {
        file.force();
    }

    @Override
    public List<Run> runs(Optional<String> vm) {
        return lists.read(() -> vm.isEmpty() ? listing.runs(Integer.MAX_VALUE) : listing.runs(vm.get()));
    }

    @Override
    public List<Run> newestRuns(int most) {
        return lists.read(() -> listing.runs(most));
    }

    @Override
    public List<Run> runsLike(String prefix) {
        return questions.read(() -> queries.runsLike(prefix));
    }

    @Override
    public List<Run> unfinished() {
        return questions.read(() -> queries.unfinished());
    }

    @Override
    public Optional<Intent> intent(RunId run) {
        return questions.read(() -> queries.intent(run));
    }

    @Override
    public List<Transition> transitions(RunId run) {
        return questions.read(() -> queries.transitions(run));
    }

    @Override
    public List<RunVolume> volumes(RunId run) {
        return questions.read(() -> queries.volumes(run));
    }

    @Override
    public Map<RunId, List<RunVolume>> volumes(UUID vm) {
        return lists.read(() -> listing.volumes(vm));
    }

    @Override
    public List<Evidence> evidence(RunId run) {
        return questions.read(() -> queries.evidence(run));
    }

    @Override
    public List<Snapshot> snapshots(Optional<String> vm) {
        return lists.read(() -> vm.isEmpty() ? listing.snapshots(Integer.MAX_VALUE) : listing.snapshots(vm.get()));
    }

    @Override
    public List<Snapshot> newestSnapshots(int most) {
        return lists.read(() -> listing.snapshots(most));
    }

    @Override
    public List<Snapshot> snapshotsLike(String prefix) {
        return questions.read(() -> queries.snapshotsLike(prefix));
    }

    @Override
    public Optional<RunId> head(UUID vm) {
        return questions.read(() -> queries.head(vm));
    }

    @Override
    public List<Job> jobs(Optional<String> vm) {
        return lists.read(() -> listingJobs.jobs(vm));
    }

    @Override
    public List<Job> jobsLike(String prefix) {
        return questions.read(() -> jobQueries.jobsLike(prefix));
    }

    @Override
    public List<Job> unfinishedJobs() {
        return questions.read(() -> jobQueries.unfinished());
    }

    @Override
    public boolean isWorn() {
        return changes.hasFailed() || lists.hasFailed() || questions.hasFailed() || file.isLarge();
    }

    @Override
    public void close() {
        // what goes on comes to its end before
        lists.end();
        questions.end();
        changes.end();
        file.close();
    }
}
