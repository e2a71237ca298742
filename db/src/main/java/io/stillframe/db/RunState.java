package io.stillframe.db;

/**
 * The states of a run, stored by name: the on-disk contract. A state is journaled when what it says has become true, so
 * an interruption may have left the next state's effect half done.
 */
public enum RunState {
    /** Accepted; nothing touched. */
    PLANNED,
    /** Overlays, space and safeguards are ready; the guest is untouched. */
    PREPARED,
    /** A freeze may have been requested; the guest may be frozen. */
    FREEZING,
    /** The freeze was answered; the guest counts as frozen. */
    FROZEN,
    /** The storage backend is quiesced, QEMU paused where a driver needs that; the snapshots may be under way. */
    QUIESCED,
    /** Every volume has its snapshot. */
    SNAPSHOTTED,
    /** The domain and its definition point where they must. */
    UPDATED,
    /** The thaw is confirmed. */
    RELEASED,
    /** Final: the snapshot is there, with its class and evidence. */
    COMPLETED,
    /** Final: no snapshot; the guest is confirmed thawed and nothing is left behind. */
    FAILED,
    /** Final: given up before the guest was touched. */
    ABANDONED,
    /** Final: it was quarantined, and an operator has ended it as it is; what it made stays, its snapshot too. */
    GIVEN_UP,
    /** The thaw was not confirmed by any means so far. */
    THAW_OVERDUE,
    /** Truth and journal disagree in a way no rule settles; the guest is thawed, an operator decides. */
    QUARANTINED;

    /** Whether nothing remains to be done. A quarantined run is not final: an operator settles it. */
    public boolean isFinal() {
        return this == COMPLETED || this == FAILED || this == ABANDONED || this == GIVEN_UP;
    }

    /** Whether the guest may be held: frozen, or paused. */
    public boolean mayBeHeld() {
        return switch (this) {
            case FREEZING, FROZEN, QUIESCED, SNAPSHOTTED, UPDATED, THAW_OVERDUE -> true;
            case PLANNED, PREPARED, RELEASED, COMPLETED, FAILED, ABANDONED, GIVEN_UP, QUARANTINED -> false;
        };
    }
}
