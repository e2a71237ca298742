package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.RunError;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job on its way. It is on the disk before anything is made, with every name, so that a later process can find its
 * effects; and its end is on the disk before anybody is told of it.
 */
final class Undertaking {
    private static final Logger LOG = LoggerFactory.getLogger(Undertaking.class);

    /** Why one is taken back that an earlier process began. */
    static final Problem CUT_SHORT = new Problem(ErrorCode.CUT_SHORT, "its process ended", "run it again");

    private final Journal journal;
    private final Clock clock;
    private final boolean first;
    private final Job job;

    private Undertaking(Journal journal, Clock clock, boolean first, Job job) {
        this.journal = journal;
        this.clock = clock;
        this.first = first;
        this.job = job;
    }

    /** What a job is going to do. */
    record Intent(RunId id, JobKind kind, Optional<String> name, List<JobChange> changes) {}

    /** @throws JournalException when it could not be journaled; nothing was touched */
    static Undertaking begin(Workplace place, Snapshot snapshot, Intent intent) {
        Job job = place.journal()
                .begin(new Job(
                        intent.id(),
                        intent.kind(),
                        snapshot.run(),
                        snapshot.vm(),
                        snapshot.vmName(),
                        intent.name(),
                        JobState.BEGUN,
                        0,
                        place.clock().instant(),
                        Optional.empty(),
                        intent.changes(),
                        Optional.empty()));
        Undertaking begun = new Undertaking(place.journal(), place.clock(), true, job);
        try {
            place.journal().force();
            return begun;
        } catch (JournalException e) {
            var unused = begun.failed(JobStopped.of(e, job).problem());
            throw e;
        }
    }

    /** A job of an earlier process. */
    static Undertaking resume(Workplace place, Job job) {
        return new Undertaking(place.journal(), place.clock(), false, job);
    }

    Job job() {
        return job;
    }

    /** The snapshot that a job is about, if the journal still has it. */
    static Optional<Snapshot> subject(Journal journal, Job job) {
        return journal.snapshots(Optional.of(job.vm().toString())).stream()
                .filter(of -> of.run().equals(job.snapshot()))
                .findFirst();
    }

    /** Whether no process before this one may have done something of it. */
    boolean isFirst() {
        return first;
    }

    JobResult done() {
        return end(JobState.DONE, Optional.empty());
    }

    /** It was not done, and nothing is left behind. */
    JobResult failed(Problem problem) {
        return end(JobState.FAILED, Optional.of(problem));
    }

    /**
     * What it made was removed again, unless something is left of it.
     *
     * @param leftovers what could not be removed, in words for people
     * @param now how it is where nothing is left, as the end of the sentence
     */
    JobResult takenBack(Problem problem, List<String> leftovers, String now) {
        return leftovers.isEmpty()
                ? failed(new Problem(
                        problem.code(),
                        "%s failed: %s; %s".formatted(JobWords.of(job), problem.message(), now),
                        problem.hint()))
                : left(new Problem(
                        problem.code(),
                        "%s; what it made could not be removed: %s"
                                .formatted(problem.message(), String.join("; ", leftovers)),
                        problem.hint()));
    }

    /** No rule settles it. */
    JobResult quarantined(Problem problem) {
        return end(JobState.QUARANTINED, Optional.of(problem));
    }

    /** It stays as it is, for whoever comes next. */
    JobResult left(Problem problem) {
        return JobResult.of(
                job,
                new Problem(
                        problem.code(),
                        "%s has begun and is not finished: %s".formatted(JobWords.of(job), problem.message()),
                        (problem.hint().isEmpty() ? "" : problem.hint() + "; ")
                                + (RecoverJob.isCarriedOn(job)
                                        ? "'stillframe reconcile' finishes it, and so does the next command that changes this machine"
                                        : "'stillframe reconcile --abandon %s --yes' ends it, for another to begin anew"
                                                .formatted(job.id().value()))));
    }

    /** A journal that cannot be written leaves the job as it is: what is done is found done by whoever comes next. */
    private JobResult end(JobState to, Optional<Problem> problem) {
        try {
            Job ended = journal.finish(job, to, clock.instant(), problem.map(Undertaking::error));
            journal.force();
            return new JobResult(Optional.of(ended), problem);
        } catch (JournalException e) {
            LOG.error("job {} ended as {}, but not in the journal: {}", job.id().value(), to, e.getMessage());
            return left(new Problem(ErrorCode.JOURNAL, e.getMessage(), "make room or mend the state directory"));
        }
    }

    private static RunError error(Problem problem) {
        return new RunError(problem.code().name(), problem.message(), problem.hint());
    }
}
