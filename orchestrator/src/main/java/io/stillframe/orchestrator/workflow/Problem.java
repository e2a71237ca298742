package io.stillframe.orchestrator.workflow;

/**
 * An error as a user meets it.
 *
 * @param message what happened, to which machine, with what consequence
 * @param hint the next action
 */
public record Problem(ErrorCode code, String message, String hint) {
    /** For the places where a step cannot go on. */
    RunFailed failure() {
        return new RunFailed(this);
    }
}
