package io.stillframe.orchestrator.lease;

import io.stillframe.guest.GuestAgent;
import java.time.Duration;
import java.util.Optional;

/** Brings a guest back. */
public interface Release {
    /** Resumes, thaws, confirms; never throws for what a guest or libvirt does. */
    Thaw run(Hold hold);

    /** Whether the guest is held, from evidence that does not rest on what anybody remembers. */
    Frozenness look();

    /**
     * What is to be released.
     *
     * @param began when the hold was attempted, by {@link Timing#nanos}
     * @param frozen whether a freeze was attempted
     * @param paused whether a pause was attempted
     * @param settle for how long a thaw has to last before it counts: a freeze that a dead process sent may still be on
     *     its way through libvirt
     * @param unanswered the handle that sent a freeze whose answer was lost
     */
    record Hold(long began, boolean frozen, boolean paused, Duration settle, Optional<GuestAgent> unanswered) {}
}
