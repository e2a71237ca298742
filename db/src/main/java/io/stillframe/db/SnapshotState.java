package io.stillframe.db;

/** What there is of a snapshot. Only a PRESENT one is ever offered. */
public enum SnapshotState {
    /** All of it, as far as is known. */
    PRESENT,
    /** Its removal has begun and not come to an end: its content may be no more. */
    REMOVING,
    /** The storage has lost it, as it does with a copy-on-write snapshot that overflowed. */
    LOST
}
