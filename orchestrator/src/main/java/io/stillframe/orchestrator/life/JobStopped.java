package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JournalException;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.storage.exec.CommandException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job cannot begin, or not go on now. */
final class JobStopped extends RuntimeException {
    private static final Logger LOG = LoggerFactory.getLogger(JobStopped.class);

    private final transient Problem problem;
    private final boolean untouched;

    private JobStopped(Problem problem, boolean untouched) {
        super(problem.message());
        this.problem = problem;
        this.untouched = untouched;
    }

    /** What stopped the job has changed nothing. */
    static JobStopped untouched(ErrorCode code, String message, String hint) {
        return new JobStopped(new Problem(code, message, hint), true);
    }

    /** What stopped the job may have changed something. */
    static JobStopped midway(ErrorCode code, String message, String hint) {
        return new JobStopped(new Problem(code, message, hint), false);
    }

    static JobStopped interrupted() {
        return untouched(ErrorCode.INTERRUPTED, "it was interrupted", "");
    }

    /** The same, after something was done already. */
    JobStopped midway() {
        return new JobStopped(problem, false);
    }

    /** Whatever a job ran into, as its reason; a fault of ours is logged besides. */
    static JobStopped of(RuntimeException cause, Job job) {
        if (cause instanceof JobStopped stopped) {
            return stopped;
        }
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof JournalException) {
            return midway(ErrorCode.JOURNAL, message, "make room or mend the state directory");
        }
        if (cause instanceof GuestException) {
            return midway(ErrorCode.HYPERVISOR_UNREACHABLE, message, "see libvirtd's log");
        }
        if (!(cause instanceof CommandException || cause instanceof UncheckedIOException)) {
            LOG.warn("job {} stopped", job.id().value(), cause);
        }
        return midway(ErrorCode.STORAGE, message, "mend what the message names");
    }

    Problem problem() {
        return problem;
    }

    boolean isUntouched() {
        return untouched;
    }
}
