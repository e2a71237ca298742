package io.stillframe.orchestrator.simulation;

import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A process of Stillframe: an orchestrator or a sentinel. Its main thread does its work; what its other threads do at
 * their times is done while the main thread waits for something. That leaves out nothing but a main thread that gets on
 * while another one of the same process is in the middle of something.
 */
final class SimulatedProcess implements Timing {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    /** Work for a time. */
    private record Task(long due, long number, Runnable work, Object of) {}

    final String name;
    private final Schedule schedule;
    private final Dice dice;
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
    private final PriorityQueue<Task> inbox =
            new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
    private final List<Runnable> atEnd = new ArrayList<>();
    private long tasksSoFar;
    private int depth;
    private Runnable main = () -> {};
    private boolean begun;
    private long stoppedUntil;
    private boolean dead;
    private long endedAt;
    private Throwable broke;

    /** The event that wakes it; the {@link Schedule}'s. */
    long alarm;

    volatile boolean ended;
    volatile Thread undertaker;
    private volatile Thread thread;
    private volatile boolean turn;

    SimulatedProcess(String name, Schedule schedule, Dice dice) {
        this.name = name;
        this.schedule = schedule;
        this.dice = dice;
    }

    /** Is the first process of its world, on the thread that calls this. */
    SimulatedProcess first() {
        thread = Thread.currentThread();
        begun = true;
        schedule.enter(this);
        return this;
    }

    /** Begins as a process of its own when the one that calls this waits next. */
    void start(Runnable work) {
        main = work;
        begin();
    }

    /** Is a process of its own that waits until something is posted: only then it needs its thread. */
    void startWaiting(Runnable work) {
        main = work;
    }

    /** Kills it: its locks and pipes are gone at once, as the kernel sees to it. */
    void kill() {
        if (dead || ended) {
            return;
        }
        dead = true;
        endedAt = schedule.now();
        atEnd.forEach(Runnable::run);
        if (!begun) {
            ended = true;
        } else if (Thread.currentThread() != thread) {
            schedule.unwind(this);
        }
    }

    /** Ends it by itself before it had anything to do. */
    void end() {
        if (!begun && runs()) {
            endedAt = schedule.now();
            ended = true;
            atEnd.forEach(Runnable::run);
        }
    }

    /** Stops it where it is for some time, as SIGSTOP does. */
    void stop(long nanos) {
        stoppedUntil = Math.max(stoppedUntil, schedule.now() + nanos);
    }

    /** What happens when it ends, however it does. */
    void atEnd(Runnable happens) {
        atEnd.add(happens);
    }

    boolean isDead() {
        return dead;
    }

    boolean runs() {
        return !dead && !ended;
    }

    boolean isStopped() {
        return schedule.now() < stoppedUntil;
    }

    /** Whether it has ended, by itself or not, longer ago than so many nanoseconds. */
    boolean endedBefore(long nanos) {
        return !runs() && schedule.now() - endedAt > nanos;
    }

    /** What ended its main thread, but for a kill; null where nothing did. */
    Throwable broke() {
        return broke;
    }

    void requireAlive() {
        if (dead) {
            throw new Dead();
        }
    }

    /** Something that one of its threads does from now on, whatever its others do. */
    void post(long delay, Runnable work) {
        tasks.add(new Task(schedule.now() + delay, ++tasksSoFar, work, this));
        begin();
    }

    /** Something that it does when it has nothing else to do. */
    void postWhenIdle(long delay, Runnable work) {
        inbox.add(new Task(schedule.now() + delay, ++tasksSoFar, work, this));
        begin();
    }

    /** Waits until something is so, or a moment has come. */
    void await(long until, BooleanSupplier is) {
        while (true) {
            goOn();
            boolean over = is.getAsBoolean() || schedule.now() >= until;
            // which of two threads that may go on does so first is nobody's promise
            if (over && (nextDue() > schedule.now() || dice.percent(50))) {
                return;
            }
            if (nextDue() <= schedule.now()) {
                runDue();
            } else {
                schedule.sleep(this, Math.min(until, nextDue()));
            }
        }
    }

    /** Lets so much time pass. */
    void pass(long nanos) {
        await(schedule.now() + nanos, () -> false);
    }

    /** Goes on, unless it was killed or stopped. */
    void goOn() {
        requireAlive();
        while (isStopped()) {
            schedule.sleep(this, stoppedUntil);
        }
    }

    @Override
    public long nanos() {
        return schedule.now();
    }

    @Override
    public void pause(Duration about) {
        pass(about.toNanos());
    }

    @Override
    public Worker worker(String of) {
        return new BesideWorker();
    }

    /** Waits for its turn; the one who has it hands it over. */
    void awaitTurn() {
        while (!turn) {
            LockSupport.park(this);
        }
        turn = false;
    }

    void handOver() {
        turn = true;
        LockSupport.unpark(thread);
    }

    /** Something may have become so: it looks again now. */
    void wakeUp() {
        if (begun && runs() && schedule.current() != this) {
            schedule.wake(this, schedule.now());
        }
    }

    private void begin() {
        if (!begun) {
            begun = true;
            THREADS.execute(this::live);
            schedule.wake(this, schedule.now());
        } else {
            wakeUp();
        }
    }

    private void live() {
        thread = Thread.currentThread();
        awaitTurn();
        try {
            requireAlive();
            main.run();
        } catch (Dead e) {
            // it was killed, and that is all
        } catch (Throwable e) {
            broke = e;
        }
        if (!dead) {
            endedAt = schedule.now();
            atEnd.forEach(Runnable::run);
        }
        ended = true;
        if (undertaker != null) {
            LockSupport.unpark(undertaker);
        } else {
            schedule.end();
        }
    }

    private long nextDue() {
        long next = tasks.isEmpty() ? Long.MAX_VALUE : tasks.peek().due();
        return depth > 0 || inbox.isEmpty() ? next : Math.min(next, inbox.peek().due());
    }

    private void runDue() {
        boolean beside = !tasks.isEmpty() && tasks.peek().due() <= schedule.now();
        depth++;
        try {
            (beside ? tasks : inbox).remove().work().run();
        } finally {
            depth--;
        }
    }

    /** A thread whose work is done while the main thread waits, or at once where the main thread will wait for it. */
    private final class BesideWorker implements Worker {
        private boolean closed;

        @Override
        public void run(Runnable work) {
            if (closed) {
                throw new IllegalStateException("the thread is gone");
            }
            work.run();
        }

        @Override
        public Runnable after(Duration delay, Runnable work) {
            Task task = new Task(schedule.now() + delay.toNanos(), ++tasksSoFar, work, this);
            tasks.add(task);
            return () -> tasks.remove(task);
        }

        @Override
        public void close() {
            closed = true;
            tasks.removeIf(task -> task.of() == this);
        }
    }
}
