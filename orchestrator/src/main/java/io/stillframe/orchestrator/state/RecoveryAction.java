package io.stillframe.orchestrator.state;

import io.stillframe.db.RunState;

/** What a later process does with a run whose own process ended while it was in some state. */
public enum RecoveryAction {
    /** Remove what was prepared; the guest was not touched. */
    ABANDON,
    /** Release the guest, take back what was made. */
    ROLL_BACK,
    /** Release the guest, go on with the run: its snapshots are there. */
    RESUME,
    /** Try once more to release the guest, then do as the state before it says. */
    RELEASE_AGAIN,
    /** Nothing by itself: an operator decides. */
    LEAVE,
    /** Nothing is left to do. */
    NONE;

    /** The action for a state; a state is journaled when it is true, so the effect after it may be half done. */
    public static RecoveryAction of(RunState state) {
        return switch (state) {
            case PLANNED, PREPARED -> ABANDON;
            case FREEZING, FROZEN, QUIESCED -> ROLL_BACK;
            case SNAPSHOTTED, UPDATED, RELEASED -> RESUME;
            case THAW_OVERDUE -> RELEASE_AGAIN;
            case QUARANTINED -> LEAVE;
            case COMPLETED, FAILED, ABANDONED, GIVEN_UP -> NONE;
        };
    }
}
