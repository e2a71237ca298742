package io.stillframe.storage;

/** Whether the snapshots of a run are there, asked of the backend itself. */
public enum Presence {
    /** None of them. */
    ABSENT,
    /** All of them. */
    PRESENT,
    /** Some of them: an interrupted backend without atomic sets, or somebody else's hand. */
    PARTIAL
}
