package io.stillframe.db;

/** What is done with a snapshot after it was taken, stored by name. */
public enum JobKind {
    /** New, writable volumes with its content. */
    CLONE,
    /** Its machine goes on from it. */
    REVERT,
    /** It ceases to be; the moments before and after it stay. */
    REMOVE
}
