package io.stillframe.orchestrator.schedule;

/** The schedule could not be read or written. */
public final class ScheduleException extends RuntimeException {
    ScheduleException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
