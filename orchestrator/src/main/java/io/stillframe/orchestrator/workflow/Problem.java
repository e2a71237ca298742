package io.stillframe.orchestrator.workflow;

import io.stillframe.db.RunError;

/**
 * An error as a user meets it.
 *
 * @param message what happened, to which machine, with what consequence
 * @param hint the next action
 */
public record Problem(ErrorCode code, String message, String hint) {
    /** A problem that the journal has kept. */
    public static Problem of(RunError error) {
        return new Problem(ErrorCode.valueOf(error.code()), error.message(), error.hint());
    }

    /** For the places where a step cannot go on. */
    RunFailed failure() {
        return new RunFailed(this);
    }
}
