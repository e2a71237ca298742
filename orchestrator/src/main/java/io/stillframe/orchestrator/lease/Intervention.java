package io.stillframe.orchestrator.lease;

import java.time.Instant;

/**
 * What somebody other than the holder did to release a guest.
 *
 * @param because why
 * @param at when it was done
 */
public record Intervention(Cause because, Instant at, Thaw thaw) {
    /** Whether nothing can have followed it: after one at a deadline a late freeze of the holder's may have come. */
    public boolean isLast() {
        return thaw.confirmed() && because != Cause.DEADLINE;
    }

    /** Why, and with it, by whom. */
    public enum Cause {
        /** The sentinel: the holder's process ended without giving the guest back. */
        HOLDER_GONE,
        /** The sentinel: the holder let its deadline pass. */
        DEADLINE,
        /** A later process: it found the lease, and nobody knows for how long the guest was held. */
        RECOVERY
    }
}
