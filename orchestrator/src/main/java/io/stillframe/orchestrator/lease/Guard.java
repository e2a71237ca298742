package io.stillframe.orchestrator.lease;

import java.time.Duration;
import java.util.Optional;

/**
 * Guards guests from outside this process, so that its death ends every hold: the sentinel. Armed before a hold begins;
 * an unguarded guest is never frozen.
 */
public interface Guard {
    /** Starts what takes its time, and returns at once: a run will need the guard soon. */
    void makeReady();

    /**
     * Returns when the guard would release the guest even if this process were killed the next moment: the lease is on
     * the disk, the guard's own connections are open.
     *
     * @param lost told, on a thread of the guard's, when the guard has died while the guest may be held
     * @throws GuardException when there is no guard, or it cannot reach the guest
     */
    Watch watch(Lease lease, Runnable lost);

    /**
     * Leaves a guest that nobody here could release to the guard, which goes on trying when this process has ended.
     *
     * @return who goes on, in words for people
     */
    default String goOn(Lease lease) {
        String reason = "";
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                var unused = watch(lease, () -> {});
                return "a sentinel goes on trying";
            } catch (GuardException e) {
                if (e.isGuarded()) {
                    return "its sentinel goes on trying";
                }
                // a guard that had died is known by its silence only, and the next call has a new one
                reason = e.getMessage();
            } catch (RuntimeException e) {
                // whatever keeps the guard away, the operator must learn that the guest may be frozen
                reason = e.getMessage();
            }
        }
        return "no further attempt is made: " + reason;
    }

    /** The guard over one guest. */
    interface Watch {
        /** Whether the guard is there and will not act for so long. Never waits. */
        boolean covers(Duration hold);

        /**
         * What the guard did, where it has acted or may have: asked of it only when its deadline has passed, so that a
         * release in time waits for nothing.
         */
        Optional<Thaw> intervention();

        /** Ends the guard over a guest that is known to be released. */
        Ended end();
    }

    /**
     * What a guard that has ended did.
     *
     * @param intervention what it did, if it is known to have acted
     * @param unknown why nobody knows whether it acted; empty where that is known
     */
    record Ended(Optional<Thaw> intervention, Optional<String> unknown) {
        /** It told, or its lease did. */
        public static Ended known(Optional<Thaw> intervention) {
            return new Ended(intervention, Optional.empty());
        }

        /** It did not tell. */
        public static Ended unknown(String why) {
            return new Ended(Optional.empty(), Optional.of(why));
        }
    }
}
