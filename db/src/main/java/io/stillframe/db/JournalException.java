package io.stillframe.db;

/** The journal could not be opened, read or written. Nothing is ever deleted because of it. */
public final class JournalException extends RuntimeException {
    private final Kind kind;

    /** What stands in the way. */
    public enum Kind {
        /** Another process has it open. */
        HELD,
        /** The file is not a database, or a broken one. */
        UNREADABLE,
        /** It was written by a newer program. */
        NEWER,
        /** The row was changed meanwhile. */
        STALE,
        /** The disk is full, or reading or writing failed. */
        IO
    }

    public JournalException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
