package io.stillframe.orchestrator.lease;

/** A guard that is not there, or cannot do what it is for. */
public final class GuardException extends RuntimeException {
    private final boolean guarded;

    public GuardException(String message, Throwable cause) {
        this(message, cause, false);
    }

    public GuardException(String message) {
        this(message, null, false);
    }

    private GuardException(String message, Throwable cause, boolean guarded) {
        super(message, cause);
        this.guarded = guarded;
    }

    /** The guest has a guard already. */
    public static GuardException guarded(String message) {
        return new GuardException(message, null, true);
    }

    /** Whether it is another guard that keeps this one away. */
    public boolean isGuarded() {
        return guarded;
    }
}
