package io.stillframe.db;

/** What becomes of the others where one member of a group fails. Stored by name. */
public enum GroupRule {
    /** Theirs are rolled back. */
    ALL_OR_NOTHING,
    /** Theirs are kept, each as a snapshot of its machine alone. */
    KEEP_OTHERS
}
