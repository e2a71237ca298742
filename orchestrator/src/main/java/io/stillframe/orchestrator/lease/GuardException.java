package io.stillframe.orchestrator.lease;

/** A guard that is not there, or cannot do what it is for. */
public final class GuardException extends RuntimeException {
    public GuardException(String message, Throwable cause) {
        super(message, cause);
    }

    public GuardException(String message) {
        super(message);
    }
}
