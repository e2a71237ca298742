package io.stillframe.orchestrator.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that passes when a test says so; what becomes due runs then, on the test's own thread. */
public final class SteppedTiming implements Timing {
    private final List<Due> due = new ArrayList<>();
    private long now;

    private record Due(long at, Runnable task) {}

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public void pause(Duration about) {
        pass(about);
    }

    @Override
    public Worker worker(String name) {
        return new Worker() {
            @Override
            public void run(Runnable task) {
                task.run();
            }

            @Override
            public Runnable after(Duration delay, Runnable task) {
                Due later = new Due(now + delay.toNanos(), task);
                due.add(later);
                return () -> due.remove(later);
            }

            @Override
            public void close() {}
        };
    }

    /** Lets time pass. */
    public void pass(Duration time) {
        long end = now + time.toNanos();
        due.stream()
                .filter(task -> task.at() <= end)
                .sorted(Comparator.comparingLong(Due::at))
                .toList()
                .forEach(this::run);
        now = Math.max(now, end);
    }

    private void run(Due task) {
        if (due.remove(task)) {
            now = Math.max(now, task.at());
            task.task().run();
        }
    }
}
