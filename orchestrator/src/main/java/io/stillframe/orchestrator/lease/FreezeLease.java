package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Holds one guest still - frozen, or its QEMU paused, or both - for no longer than its limit.
 *
 * <p>From the moment before the freeze command is sent the guest counts as frozen, whatever the command answers: a
 * freeze that timed out may still be executed. From that moment on exactly one release runs, begun by whichever comes
 * first: the holder's {@link #release} or {@link #close}, or the limit. It runs on the lease's own thread and over its
 * own connection, so that a holder stuck in a call delays nothing. A holder whose command was still on its way then has
 * the release made once more when the command has ended, for the command may have come after the thaw.
 */
public final class FreezeLease implements AutoCloseable {
    /** What every call to an agent is given at least; the limit ends the hold at its time all the same. */
    private static final Duration SHORTEST_CALL = Duration.ofSeconds(1);

    private final Release release;
    private final Timing timing;
    private final Duration limit;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(FreezeLease::daemon);
    private volatile CompletableFuture<Thaw> thaw = new CompletableFuture<>();
    private final AtomicBoolean releasing = new AtomicBoolean();
    private volatile boolean frozen;
    private volatile boolean paused;
    private volatile boolean expired;
    private volatile Optional<GuestAgent> unanswered = Optional.empty();
    private volatile long began;
    private volatile Future<?> deadline;

    /**
     * Arms nothing yet: the limit runs from the first hold.
     *
     * @param limit the longest that the guest may be held, from before the first command to the release's start
     */
    public FreezeLease(Release release, Timing timing, Duration limit) {
        this.release = release;
        this.timing = timing;
        this.limit = limit;
    }

    /**
     * Freezes the guest and returns how many filesystems the agent says are frozen.
     *
     * @param agent sends the freeze; the release has its own connection
     * @throws GuestException when the agent fails or does not answer within the limit, and the guest counts as frozen
     *     all the same; or when the limit has passed already, and nothing is sent
     */
    public int freeze(GuestAgent agent) {
        return hold(() -> frozen = true, () -> {
            try {
                return agent.freeze(max(limit, SHORTEST_CALL));
            } catch (GuestException e) {
                unanswered = e.failure().effectUnknown() ? Optional.of(agent) : Optional.empty();
                throw e;
            }
        });
    }

    /**
     * Pauses QEMU, which drains and flushes its disks; within the same limit as the freeze.
     *
     * @throws GuestException as {@link #freeze} does
     */
    public void pause(Domain domain) {
        hold(() -> paused = true, () -> {
            domain.suspend();
            return null;
        });
    }

    /** Whether a hold was attempted: from then on a release is owed. */
    public boolean owed() {
        return frozen || paused;
    }

    /** Whether the guest is held as far as this lease had its say: attempted, and no release begun. */
    public boolean held() {
        return owed() && !releasing.get();
    }

    /** Whether the limit, and not the holder, ended the hold. */
    public boolean expired() {
        return expired;
    }

    /** Releases the guest, or waits for the release that has begun. Called again it gives the same answer. */
    public Thaw release() {
        beginRelease();
        return thaw.join();
    }

    /** Releases where a hold was attempted and nobody has released yet. */
    @Override
    public void close() {
        if (owed()) {
            release();
            deadline.cancel(false);
        }
        thread.shutdown();
    }

    /**
     * Sends a command that holds the guest. One that is on its way when the limit passes may reach the guest after the
     * release has: whoever sent it then has everything released once more.
     */
    private <T> T hold(Runnable note, Supplier<T> command) {
        begin(note);
        try {
            return command.get();
        } finally {
            if (releasing.get()) {
                releaseAgain();
            }
        }
    }

    private synchronized void begin(Runnable note) {
        if (releasing.get()) {
            throw new GuestException(GuestFailure.DEADLINE, "not sent: the guest has been released already");
        }
        if (!owed()) {
            began = timing.nanos();
            deadline = thread.schedule(this::expire, limit.toNanos(), TimeUnit.NANOSECONDS);
        }
        note.run();
    }

    private void expire() {
        if (!releasing.get()) {
            expired = true;
            beginRelease();
        }
    }

    private synchronized void beginRelease() {
        if (releasing.compareAndSet(false, true)) {
            releaseAgain();
        }
    }

    private synchronized void releaseAgain() {
        CompletableFuture<Thaw> last = new CompletableFuture<>();
        thread.execute(() -> last.complete(releaseNow()));
        thaw = last;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private Thaw releaseNow() {
        try {
            return release.run(new Release.Hold(began, frozen, paused, unanswered));
        } catch (RuntimeException | Error e) {
            // whatever broke, whoever waits for the thaw must learn that it is not confirmed
            return new Thaw(false, -1, 0, timing.since(began), "the release broke: " + e);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "freeze-lease");
        thread.setDaemon(true);
        return thread;
    }
}
