package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;

/** A command that ends early, with what to tell its user. */
public class CommandFailed extends RuntimeException {
    private final transient Problem problem;
    private final ExitStatus status;

    public CommandFailed(ExitStatus status, Problem problem) {
        super(problem.message());
        this.problem = problem;
        this.status = status;
    }

    /** Refused before anything was touched. */
    public static CommandFailed refused(ErrorCode code, String message, String hint) {
        return new CommandFailed(ExitStatus.REFUSED, new Problem(code, message, hint));
    }

    final Problem problem() {
        return problem;
    }

    final ExitStatus status() {
        return status;
    }
}
