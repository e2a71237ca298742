package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;

/** Work that is done again and again on a thread of its own, each time so long after the last one has ended. */
final class Recurring implements AutoCloseable {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Timing timing;
    private final Duration between;
    private Duration wait;
    private final Runnable work;
    private final Timing.Worker worker;
    private long ended;
    private boolean asked;
    private boolean going;
    private boolean closed;

    /** @param first from now on until the first time */
    Recurring(Timing timing, String name, Duration first, Duration between, Runnable work) {
        this.timing = timing;
        this.wait = first;
        this.between = between;
        this.work = work;
        this.worker = timing.worker(name);
        this.ended = timing.nanos();
    }

    /** Begins where it is due; returns at once. */
    synchronized void pass() {
        if (!asked && timing.since(ended).compareTo(wait) >= 0) {
            asked = true;
            worker.run(this::once);
        }
    }

    private void once() {
        if (begins()) {
            try {
                work.run();
            } finally {
                ends();
            }
        }
    }

    private synchronized boolean begins() {
        going = !closed;
        return going;
    }

    private synchronized void ends() {
        ended = timing.nanos();
        wait = between;
        going = false;
        asked = false;
    }

    private synchronized boolean isGoing() {
        return going;
    }

    /** Begins no more, and returns when what goes on has ended. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true; // what the worker was asked for and has not begun it may drop
        }
        worker.close();
        while (isGoing()) {
            timing.pause(BETWEEN_LOOKS);
        }
    }
}
