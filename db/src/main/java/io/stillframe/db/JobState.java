package io.stillframe.db;

/** The states of a job, stored by name: the on-disk contract. */
public enum JobState {
    /** Any part of it may have been done. */
    BEGUN,
    /** Final: all of it is done. */
    DONE,
    /** Final: it was not done, and nothing is left behind. */
    FAILED,
    /** Neither done nor undone in a way that a rule settles; an operator decides. */
    QUARANTINED;

    /** Whether nothing remains to be done. A quarantined job is not final: an operator settles it. */
    public boolean isFinal() {
        return this == DONE || this == FAILED;
    }
}
