package io.stillframe.orchestrator.lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only when somebody pauses, or a test says so. */
public final class VirtualTiming implements Timing {
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public long nanos() {
        return nanos.get();
    }

    /** A real thread: what has to happen beside the test's own happens for real. */
    @Override
    public Worker worker(String name) {
        return new ThreadWorker(name);
    }

    @Override
    public void pause(Duration about) {
        nanos.addAndGet(about.toNanos());
    }
}
