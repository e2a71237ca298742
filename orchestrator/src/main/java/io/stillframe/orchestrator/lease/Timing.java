package io.stillframe.orchestrator.lease;

import java.time.Duration;

/**
 * Time as the lease sees it: a monotonic clock, which no clock adjustment moves, and a pause between two attempts. Both
 * come from {@code app}, so that tests and simulations bring their own.
 */
public interface Timing {
    /** Nanoseconds since some fixed moment; only differences mean anything. */
    long nanos();

    /** Lets about this much time pass before another attempt. Never used to wait for an event. */
    void pause(Duration about);

    /** The time since a moment that {@link #nanos} gave. */
    default Duration since(long nanos) {
        return Duration.ofNanos(nanos() - nanos);
    }
}
