package io.stillframe.orchestrator.cli;

import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.orchestrator.life.JobResult;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.util.Collection;
import java.util.Comparator;

/** The exit statuses, from the one that hides all others to the one that any other hides. */
public enum ExitStatus {
    /** A guest may still be frozen. */
    MAY_BE_FROZEN(4),
    /** Needs an operator: something is quarantined. */
    NEEDS_OPERATOR(5),
    /** Interrupted; the guest is confirmed thawed. */
    INTERRUPTED(130),
    /** Failed; the guest is confirmed thawed and nothing is left behind. */
    FAILED(1),
    /** Wrong usage or configuration. */
    USAGE(2),
    /** Refused before the guest was touched. */
    REFUSED(3),
    /** Done. */
    DONE(0);

    private final int code;

    ExitStatus(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** What a run's end means for who waits for it. */
    static ExitStatus of(Run run) {
        boolean interrupted = run.result()
                .error()
                .map(RunError::code)
                .filter(ErrorCode.INTERRUPTED.name()::equals)
                .isPresent();
        return switch (run.state()) {
            case COMPLETED -> DONE;
            case ABANDONED -> interrupted ? INTERRUPTED : REFUSED;
            case FAILED -> interrupted ? INTERRUPTED : FAILED;
            case THAW_OVERDUE -> MAY_BE_FROZEN;
            default -> NEEDS_OPERATOR;
        };
    }

    /** What came of a job for who waits for it; one that is begun and not finished waits for whoever comes next. */
    static ExitStatus of(JobResult result) {
        boolean interrupted = result.problem()
                .filter(problem -> problem.code() == ErrorCode.INTERRUPTED)
                .isPresent();
        if (result.job().isEmpty()) {
            return result.problem().isEmpty() ? DONE : REFUSED;
        }
        return switch (result.job().get().state()) {
            case DONE -> DONE;
            case FAILED -> interrupted ? INTERRUPTED : FAILED;
            case BEGUN -> interrupted ? INTERRUPTED : NEEDS_OPERATOR;
            case QUARANTINED -> NEEDS_OPERATOR;
        };
    }

    /** The one to end with after several. */
    static ExitStatus gravest(Collection<ExitStatus> statuses) {
        return statuses.stream().min(Comparator.naturalOrder()).orElse(DONE);
    }
}
