package io.stillframe.orchestrator.recovery;

import io.stillframe.db.Job;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.JobResult;
import io.stillframe.orchestrator.life.JobWords;
import io.stillframe.orchestrator.life.RecoverJob;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Brings every job that is in no final state to its end. The runs were recovered before. */
public final class RecoverJobs {
    private final Journal journal;
    private final RecoverJob recover;
    private final HeldGuests guests;
    private final Consumer<DomainId> hold;

    /**
     * Touches nothing yet.
     *
     * @param guests released already
     * @param hold keeps every other process of this host from a machine, or throws
     */
    public RecoverJobs(Journal journal, RecoverJob recover, HeldGuests guests, Consumer<DomainId> hold) {
        this.journal = journal;
        this.recover = recover;
        this.guests = guests;
        this.hold = hold;
    }

    /**
     * Recovers those of some machines, the oldest first.
     *
     * @param retry whether jobs that were left to an operator are tried again
     */
    public List<Finding> of(Predicate<UUID> vms, boolean retry) {
        List<Finding> findings = new ArrayList<>();
        for (Job job : journal.unfinishedJobs()) {
            if (vms.test(job.vm())) {
                findings.add(isLeft(job) && !retry ? left(job) : one(job, retry));
            }
        }
        return findings;
    }

    /** What {@link #of} would do for all of them. */
    public List<Finding> planned(boolean retry) {
        return journal.unfinishedJobs().stream()
                .map(job -> isLeft(job) && !retry
                        ? left(job)
                        : finding(
                                Status.PLANNED,
                                job,
                                "%s has begun and is not finished: %s; what somebody is busy with is left alone"
                                        .formatted(JobWords.of(job), RecoverJob.planned(job))))
                .toList();
    }

    private Finding one(Job job, boolean retry) {
        if (guests.mayBeHeld(job.vm())) {
            return finding(Status.SKIPPED, job, JobWords.of(job) + " is left as it is: its guest may be frozen");
        }
        try {
            hold.accept(new DomainId(job.vm(), job.vmName()));
        } catch (RuntimeException e) {
            // somebody is busy with the machine: with this very job, perhaps
            return finding(Status.SKIPPED, job, "%s is left as it is: %s".formatted(JobWords.of(job), e.getMessage()));
        }
        // the list may be hours old, and whoever held the machine until now may have ended the job
        Optional<Job> held = journal.unfinishedJobs().stream()
                .filter(of -> of.id().equals(job.id()))
                .findFirst();
        if (held.isEmpty()) {
            return finding(Status.DONE, job, JobWords.of(job) + " has come to its end meanwhile");
        }
        return isLeft(held.get()) && !retry ? left(held.get()) : ended(held.get(), recover.of(held.get()));
    }

    private static Finding ended(Job job, JobResult result) {
        JobState state = result.job().map(Job::state).orElse(job.state());
        String why = result.problem().map(RecoverJobs::words).orElse("");
        return switch (state) {
            case DONE -> finding(Status.DONE, job, JobWords.of(job) + " is finished");
            case FAILED -> finding(Status.DONE, job, why);
            case BEGUN -> finding(isInterrupted(result) ? Status.SKIPPED : Status.NEEDS_OPERATOR, job, why);
            case QUARANTINED -> finding(Status.NEEDS_OPERATOR, job, "QUARANTINED: " + why);
        };
    }

    private static String words(Problem problem) {
        return problem.hint().isEmpty() ? problem.message() : "%s (%s)".formatted(problem.message(), problem.hint());
    }

    /** Then the operator knows why it is not finished. */
    private static boolean isInterrupted(JobResult result) {
        return result.problem()
                .filter(problem -> problem.code() == ErrorCode.INTERRUPTED)
                .isPresent();
    }

    private static Finding left(Job job) {
        return finding(
                Status.NEEDS_OPERATOR,
                job,
                "QUARANTINED: "
                        + job.error()
                                .map(error -> "%s (%s)".formatted(error.message(), error.hint()))
                                .orElse(JobWords.of(job)));
    }

    private static boolean isLeft(Job job) {
        return job.state() == JobState.QUARANTINED;
    }

    private static Finding finding(Status status, Job job, String detail) {
        return Finding.ofJob(status, job.vmName(), job.id(), detail);
    }
}
