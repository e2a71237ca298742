package io.stillframe.orchestrator.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Virtual time, and the processes that take turns in it. Each process has a thread of its own, for production's code
 * waits wherever it likes; but one thread runs at any moment, and virtual time alone decides which, so that a seed tells
 * the same story every time.
 */
final class Schedule {
    /** Something that happens to the world, or a process that goes on. */
    private record Event(long at, long number, Runnable happens, SimulatedProcess wakes) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private long now;
    private final Runnable observer;
    private long number;
    private SimulatedProcess current;

    /** @param observer looks at the world after everything that happened to it */
    Schedule(Runnable observer) {
        this.observer = observer;
    }

    long now() {
        return now;
    }

    /** Whose code runs. */
    SimulatedProcess current() {
        return current;
    }

    /** Has something happen when so much time has passed. */
    void after(long nanos, Runnable happens) {
        events.add(new Event(now + nanos, ++number, happens, null));
    }

    /** Has a process that waits go on at a moment, and not at the one that was said before. */
    void wake(SimulatedProcess process, long at) {
        process.alarm = ++number;
        events.add(new Event(Math.max(at, now), number, null, process));
    }

    /** Enters the world as its first process, on the caller's own thread. */
    void enter(SimulatedProcess first) {
        current = first;
    }

    /** Lets others go on until this process is woken at a moment. */
    void sleep(SimulatedProcess self, long until) {
        wake(self, until);
        SimulatedProcess next = next(self);
        current = next;
        if (next != self) {
            next.handOver();
            self.awaitTurn();
        }
        self.requireAlive();
    }

    /** A process has come to its end: somebody else goes on. */
    void end() {
        SimulatedProcess next = next(null);
        current = next;
        next.handOver();
    }

    /**
     * Has a process that was killed while it waited run to its end, in which nothing it does has any effect.
     *
     * @param dead not the process on whose thread this is called
     */
    void unwind(SimulatedProcess dead) {
        SimulatedProcess before = current;
        current = dead;
        dead.undertaker = Thread.currentThread();
        dead.handOver();
        while (!dead.ended) {
            LockSupport.park(this);
        }
        current = before;
    }

    /** Lets happen what happens until a process is due. A process is killed on its own thread, too. */
    private SimulatedProcess next(SimulatedProcess self) {
        while (true) {
            Event event = events.remove();
            now = event.at();
            SimulatedProcess due = event.wakes();
            if (due == null) {
                current = null;
                event.happens().run();
                observer.run();
                if (self != null && self.isDead()) {
                    return self;
                }
            } else if (due.alarm == event.number() && due.runs()) {
                observer.run();
                return due;
            }
        }
    }
}
