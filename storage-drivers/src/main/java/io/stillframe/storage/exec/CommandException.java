package io.stillframe.storage.exec;

/** An external program that could not be run to its end. What it had done by then is unknown. */
public final class CommandException extends RuntimeException {
    private final boolean started;

    public CommandException(String message, Throwable cause) {
        this(message, cause, true);
    }

    public CommandException(String message) {
        this(message, null);
    }

    private CommandException(String message, Throwable cause, boolean started) {
        super(message, cause);
        this.started = started;
    }

    /** Of a program that is not there, or may not be run. */
    public static CommandException notStarted(String program, Throwable cause) {
        return new CommandException("cannot start %s: %s".formatted(program, cause.getMessage()), cause, false);
    }

    /** Whether it was started at all. */
    public boolean isStarted() {
        return started;
    }
}
