package io.stillframe.guest.libvirt;

import java.time.Duration;

/** When a call of several parts must be over, on the monotonic clock. */
record Deadline(long startNanos, Duration limit) {
    static Deadline in(Duration limit) {
        return new Deadline(System.nanoTime(), limit);
    }

    /** What is left; zero when it has passed. */
    Duration remaining() {
        Duration left = limit.minusNanos(System.nanoTime() - startNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    boolean passed() {
        return remaining().isZero();
    }
}
