package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobState;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.storage.exec.CommandException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What came of a job.
 *
 * @param job as it is in the journal now; empty where it was refused before it began, and nothing was touched. BEGUN: it
 *     could not be brought to its end, and whoever comes next goes on with it
 * @param problem empty where it is done
 */
public record JobResult(Optional<Job> job, Optional<Problem> problem) {
    /** It was only asked whether it could begin. */
    static final JobResult NOTHING_AGAINST = new JobResult(Optional.empty(), Optional.empty());

    static JobResult of(Job job, Problem problem) {
        return new JobResult(Optional.of(job), Optional.of(problem));
    }

    static JobResult done(Job job) {
        return new JobResult(Optional.of(job), Optional.empty());
    }

    public static JobResult refused(Problem problem) {
        return new JobResult(Optional.empty(), Optional.of(problem));
    }

    public boolean isDone() {
        return job.filter(of -> of.state() == JobState.DONE).isPresent();
    }

    /** An attempt that may be refused before it begins, by us or by what cannot be asked. */
    static JobResult attempted(Supplier<JobResult> attempt) {
        try {
            return attempt.get();
        } catch (JobStopped e) {
            return refused(e.problem());
        } catch (GuestException e) {
            return refused(new Problem(
                    ErrorCode.HYPERVISOR_UNREACHABLE,
                    "nothing was touched: " + e.getMessage(),
                    "see libvirtd's log, then try again"));
        } catch (CommandException | UncheckedIOException e) {
            return refused(new Problem(
                    ErrorCode.STORAGE,
                    "nothing was touched: " + e.getMessage(),
                    "mend what the message names, then try again"));
        }
    }
}
