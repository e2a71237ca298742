package io.stillframe.storage.exec;

/** An external program that could not be run to its end. What it had done by then is unknown. */
public final class CommandException extends RuntimeException {
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }

    public CommandException(String message) {
        super(message);
    }
}
