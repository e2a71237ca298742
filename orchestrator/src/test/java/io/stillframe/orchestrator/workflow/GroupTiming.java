package io.stillframe.orchestrator.workflow;

import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.lease.VirtualTiming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Virtual time in which the patience of a group's members ends when a test says so, and not because a host is slow. */
final class GroupTiming implements Timing {
    private final VirtualTiming timing = new VirtualTiming();
    private final List<Wait> waits = new ArrayList<>();

    private record Wait(Duration patience, Runnable end) {}

    @Override
    public long nanos() {
        return timing.nanos();
    }

    @Override
    public void pause(Duration about) {
        timing.pause(about);
    }

    @Override
    public Worker worker(String name) {
        Worker thread = timing.worker(name);
        return name.equals("group") ? new Deadlines(thread) : thread;
    }

    /** How many wait with such a patience. */
    synchronized long waits(Predicate<Duration> patience) {
        return waits.stream().map(Wait::patience).filter(patience).count();
    }

    /** The patience of the one that has waited longest is at its end. */
    void patienceEnds() {
        Runnable end;
        synchronized (this) {
            end = waits.get(0).end;
        }
        end.run();
    }

    private synchronized Runnable add(Wait wait) {
        waits.add(wait);
        return () -> remove(wait);
    }

    private synchronized void remove(Wait wait) {
        waits.remove(wait);
    }

    private final class Deadlines implements Worker {
        private final Worker thread;

        private Deadlines(Worker thread) {
            this.thread = thread;
        }

        @Override
        public void run(Runnable task) {
            thread.run(task);
        }

        @Override
        public Runnable after(Duration delay, Runnable task) {
            return add(new Wait(delay, task));
        }

        @Override
        public void close() {
            thread.close();
        }
    }
}
