package io.stillframe.orchestrator.simulation;

import io.stillframe.db.Evidence;
import io.stillframe.db.Expired;
import io.stillframe.db.Intent;
import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.JournalException.Kind;
import io.stillframe.db.OneInstant;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunGroup;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.Transition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** The journal as one process has it open. */
record GatedJournal(World world, Journal journal) implements Journal {
    @Override
    public Run plan(RunId id, UUID vm, String vmName, Instant at) {
        return write(RunState.PLANNED, () -> journal.plan(id, vm, vmName, at));
    }

    @Override
    public void intend(RunId run, Intent intent) {
        write("intend", () -> {
            journal.intend(run, intent);
            return 0;
        });
    }

    @Override
    public Run advance(Run run, RunState to, Instant at) {
        world.promises.beforeTransition(run, to);
        return write(to, () -> journal.advance(run, to, at));
    }

    @Override
    public Run froze(Run run, int filesystems, Instant at) {
        world.promises.beforeTransition(run, RunState.FROZEN);
        return write(RunState.FROZEN, () -> journal.froze(run, filesystems, at));
    }

    @Override
    public Run released(Run run, Instant at, RunResult result, List<Evidence> evidence) {
        world.promises.beforeTransition(run, RunState.RELEASED);
        return write(RunState.RELEASED, () -> journal.released(run, at, result, evidence));
    }

    @Override
    public Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence) {
        world.promises.beforeTransition(run, to);
        return write(to, () -> journal.end(run, to, at, result, evidence));
    }

    @Override
    public void plan(RunGroup group) {
        write("plan group", () -> {
            journal.plan(group);
            return 0;
        });
    }

    @Override
    public RunGroup prove(RunGroup group, OneInstant proof) {
        return write("prove group", () -> journal.prove(group, proof));
    }

    @Override
    public Optional<RunGroup> groupOf(RunId run) {
        return read(() -> journal.groupOf(run));
    }

    @Override
    public Job begin(Job job) {
        return write("journal " + job.kind(), () -> journal.begin(job));
    }

    @Override
    public Job finish(Job job, JobState to, Instant at, Optional<RunError> error) {
        return write("journal %s %s".formatted(job.kind(), to), () -> journal.finish(job, to, at, error));
    }

    @Override
    public Job giveUp(Job job, Instant at, RunError word, List<JobChange> made) {
        return write("give up " + job.kind(), () -> journal.giveUp(job, at, word, made));
    }

    @Override
    public void opened(RunId snapshot, Instant at) {
        write("journal opened", () -> {
            journal.opened(snapshot, at);
            return 0;
        });
    }

    @Override
    public void closed(RunId snapshot) {
        write("journal closed", () -> {
            journal.closed(snapshot);
            return 0;
        });
    }

    @Override
    public void lost(RunId snapshot) {
        write("journal lost", () -> {
            journal.lost(snapshot);
            return 0;
        });
    }

    @Override
    public void found(RunId snapshot) {
        write("journal found", () -> {
            journal.found(snapshot);
            return 0;
        });
    }

    @Override
    public List<UUID> machines() {
        return read(journal::machines);
    }

    @Override
    public Expired expired(UUID vm, Instant before) {
        return read(() -> journal.expired(vm, before));
    }

    @Override
    public Optional<Expired> prune(UUID vm, Instant before, int most) {
        return write("prune", () -> journal.prune(vm, before, most));
    }

    @Override
    public void force() {
        write("force", () -> {
            journal.force();
            return 0;
        });
    }

    @Override
    public List<Run> runs(Optional<String> vm) {
        return read(() -> journal.runs(vm));
    }

    @Override
    public List<Run> newestRuns(int most) {
        return read(() -> journal.newestRuns(most));
    }

    @Override
    public List<Run> runsLike(String prefix) {
        return read(() -> journal.runsLike(prefix));
    }

    @Override
    public List<Run> unfinished() {
        return read(journal::unfinished);
    }

    @Override
    public Optional<Intent> intent(RunId run) {
        return read(() -> journal.intent(run));
    }

    @Override
    public List<Transition> transitions(RunId run) {
        return read(() -> journal.transitions(run));
    }

    @Override
    public List<RunVolume> volumes(RunId run) {
        return read(() -> journal.volumes(run));
    }

    @Override
    public Map<RunId, List<RunVolume>> volumes(UUID vm) {
        return read(() -> journal.volumes(vm));
    }

    @Override
    public List<Evidence> evidence(RunId run) {
        return read(() -> journal.evidence(run));
    }

    @Override
    public List<Snapshot> snapshots(Optional<String> vm) {
        return read(() -> journal.snapshots(vm));
    }

    @Override
    public List<Snapshot> newestSnapshots(int most) {
        return read(() -> journal.newestSnapshots(most));
    }

    @Override
    public List<Snapshot> snapshotsLike(String prefix) {
        return read(() -> journal.snapshotsLike(prefix));
    }

    @Override
    public Optional<RunId> head(UUID vm) {
        return read(() -> journal.head(vm));
    }

    @Override
    public List<Job> jobs(Optional<String> vm) {
        return read(() -> journal.jobs(vm));
    }

    @Override
    public List<Job> jobsLike(String prefix) {
        return read(() -> journal.jobsLike(prefix));
    }

    @Override
    public List<Job> unfinishedJobs() {
        return read(journal::unfinishedJobs);
    }

    @Override
    public boolean isWorn() {
        return read(journal::isWorn);
    }

    @Override
    public void close() {
        world.gate.requireAlive();
    }

    private <T> T read(Supplier<T> query) {
        world.gate.requireAlive();
        return query.get();
    }

    private Run write(RunState to, Supplier<Run> change) {
        return write("journal " + to, () -> {
            Run run = change.get();
            world.journaled(run);
            return run;
        });
    }

    private <T> T write(String name, Supplier<T> change) {
        world.gate.enter(name);
        world.gate.process().pass(world.dice.about(1000));
        if (world.troubles.journalIsFull()) {
            throw new JournalException(Kind.IO, name + ": no space left on device", null);
        }
        Optional<Fault> fault = world.troubles.journalFault();
        T changed = change.get();
        world.gate.leave();
        if (fault.isPresent()) {
            throw new JournalException(Kind.IO, name + ": the disk failed", null);
        }
        return changed;
    }
}
