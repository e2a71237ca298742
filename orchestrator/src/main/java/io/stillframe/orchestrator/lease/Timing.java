package io.stillframe.orchestrator.lease;

import java.time.Duration;

/**
 * Time as the lease sees it: a monotonic clock, which no clock adjustment moves, a pause between two attempts, and
 * threads that nothing else uses. All come from {@code app}, so that tests and simulations bring their own.
 */
public interface Timing {
    /** Nanoseconds since some fixed moment; only differences mean anything. */
    long nanos();

    /** Lets about this much time pass before another attempt. Never used to wait for an event. */
    void pause(Duration about);

    /** A thread of its own. */
    Worker worker(String name);

    /** The time since a moment that {@link #nanos} gave. */
    default Duration since(long nanos) {
        return Duration.ofNanos(nanos() - nanos);
    }

    /** A thread for what must not wait behind anything else; its tasks run one after the other. */
    interface Worker extends AutoCloseable {
        /** Runs a task next. */
        void run(Runnable task);

        /**
         * Runs a task when this much time has passed.
         *
         * @return takes the task back, where it has not begun
         */
        Runnable after(Duration delay, Runnable task);

        /** Lets the thread go when what was begun has ended; later tasks are dropped. */
        @Override
        void close();
    }
}
