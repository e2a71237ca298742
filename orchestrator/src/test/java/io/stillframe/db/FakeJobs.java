package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The jobs in memory. */
final class FakeJobs {
    private final Map<RunId, Job> jobs = new LinkedHashMap<>();
    private final FakeLineage lineage;

    /** Gives what a machine's runs have under one name another one. */
    private final BiConsumer<UUID, JobChange> move;

    FakeJobs(FakeLineage lineage, BiConsumer<UUID, JobChange> move) {
        this.lineage = lineage;
        this.move = move;
    }

    void requireNone(RunId id) {
        if (jobs.containsKey(id)) {
            throw new JournalException(Kind.IO, "there is a job " + id.value(), null);
        }
    }

    Job begin(Job job, Instant at) {
        if (!job.isBeginning()) {
            throw new IllegalArgumentException("not the beginning of a job: " + job);
        }
        requireNone(job.id());
        boolean may = lineage.find(job.snapshot())
                .filter(of -> of.vm().equals(job.vm()))
                .map(FakeLineage.Entry::state)
                .filter(state ->
                        state == SnapshotState.PRESENT || (state == SnapshotState.LOST && job.kind() == JobKind.REMOVE))
                .isPresent();
        if (!may || all().anyMatch(of -> of.vm().equals(job.vm()) && !of.state().isFinal())) {
            throw stale("no such snapshot is present, or another job is unfinished");
        }
        if (job.kind() == JobKind.REMOVE) {
            lineage.removing(job.snapshot(), true);
        }
        return keep(copy(job, JobState.BEGUN, 0, at, Optional.empty(), Optional.empty()));
    }

    Job finish(Job job, JobState to, Instant at, Optional<RunError> error) {
        if (to == JobState.BEGUN) {
            throw new IllegalArgumentException("a job begins once");
        }
        Job kept = Optional.ofNullable(jobs.get(job.id()))
                .filter(of -> of.version() == job.version() && !of.state().isFinal())
                .orElseThrow(() -> stale("the job is elsewhere"));
        if (to == JobState.DONE) {
            done(kept);
        } else if (to == JobState.FAILED && kept.kind() == JobKind.REMOVE) {
            lineage.removing(kept.snapshot(), false);
        }
        return keep(copy(kept, to, kept.version() + 1, kept.startedAt(), Optional.of(at), error));
    }

    Job giveUp(Job job, Instant at, RunError word, List<JobChange> made) {
        Job ended = finish(job, JobState.FAILED, at, Optional.of(word));
        if (ended.kind() == JobKind.REMOVE) {
            made.forEach(change -> move.accept(ended.vm(), change));
            lineage.lost(ended.snapshot());
        }
        return ended;
    }

    private void done(Job job) {
        switch (job.kind()) {
            case CLONE -> {
                // nothing of the machine has changed
            }
            case REVERT -> lineage.reverted(job.snapshot());
            case REMOVE -> {
                job.changes().forEach(change -> move.accept(job.vm(), change));
                lineage.forget(job.snapshot());
            }
        }
    }

    List<Job> jobs(Optional<String> vm) {
        return all().filter(job -> vm.isEmpty() || FakeJournal.isNamed(job.vmName(), job.vm(), vm.get()))
                .sorted(Comparator.comparing(Job::startedAt)
                        .reversed()
                        .thenComparing(job -> job.id().value()))
                .toList();
    }

    List<Job> jobsLike(String prefix) {
        return all().filter(job -> job.id().value().startsWith(prefix))
                .sorted(Comparator.comparing(job -> job.id().value()))
                .limit(2)
                .toList();
    }

    List<Job> unfinished() {
        return all().filter(job -> !job.state().isFinal())
                .sorted(Comparator.comparing(Job::startedAt)
                        .thenComparing(job -> job.id().value()))
                .toList();
    }

    void forget(RunId job) {
        jobs.remove(job);
    }

    private Stream<Job> all() {
        return jobs.values().stream();
    }

    private Job keep(Job job) {
        jobs.put(job.id(), job);
        return job;
    }

    private static Job copy(
            Job job,
            JobState to,
            long version,
            Instant startedAt,
            Optional<Instant> endedAt,
            Optional<RunError> error) {
        return new Job(
                job.id(),
                job.kind(),
                job.snapshot(),
                job.vm(),
                job.vmName(),
                job.name(),
                to,
                version,
                startedAt,
                endedAt,
                job.changes(),
                error);
    }

    private static JournalException stale(String message) {
        return new JournalException(Kind.STALE, message, null);
    }
}
