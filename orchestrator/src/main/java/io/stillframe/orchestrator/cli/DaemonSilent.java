package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;

/** A command that is not executed here because a daemon holds the state directory, at which nobody listens. */
public final class DaemonSilent extends CommandFailed {
    public DaemonSilent(String message, String hint) {
        super(ExitStatus.REFUSED, new Problem(ErrorCode.HELD, message, hint));
    }
}
