package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.lease.ThreadWorker;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** This machine's monotonic clock. */
final class SystemTiming implements Timing {
    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Worker worker(String name) {
        return new ThreadWorker(name);
    }

    @Override
    public void pause(Duration about) {
        LockSupport.parkNanos(about.toNanos());
    }
}
