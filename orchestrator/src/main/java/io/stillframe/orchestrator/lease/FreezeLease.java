package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.Release.Hold;
import io.stillframe.orchestrator.lease.Thaw.Means;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Holds one guest still - frozen, or its QEMU paused, or both - for no longer than its limit.
 *
 * <p>It is the freeze descriptor that was proposed for Linux and never merged, rebuilt above the guest agent: the guest
 * stays frozen only as long as somebody holds it.
 *
 * <table>
 * <caption>The proposal and this class</caption>
 * <tr><td>{@code FIGETFREEZEFD} (a descriptor; its close thaws)</td><td>the constructor, {@link #close}; what the kernel
 * does when a process dies, the sentinel does for the process that dies with this object</td></tr>
 * <tr><td>{@code FIGETFREEZEFD} on what is frozen already</td><td>{@link #adopt}: the freeze of a process that is no more
 * becomes this one's, to be thawed</td></tr>
 * <tr><td>{@code FS_FREEZE_FD}</td><td>{@link #freeze}; once only: a guest that was let go needs a new lease, with new
 * safeguards</td></tr>
 * <tr><td>{@code FS_THAW_FD}</td><td>{@link #thaw}</td></tr>
 * <tr><td>{@code FS_ISFROZEN_FD}</td><td>{@link #isFrozen}</td></tr>
 * </table>
 *
 * <p>From the moment before the freeze command is sent the guest counts as frozen, whatever the command answers: a
 * freeze that timed out may still be executed. From that moment on exactly one release runs, begun by whichever comes
 * first: the holder's {@link #thaw} or {@link #close}, or the limit. It runs on the lease's own thread and over its own
 * connection, so that a holder stuck in a call delays nothing. A holder whose command was still on its way then has the
 * release made once more when the command has ended, for the command may have come after the thaw.
 */
public final class FreezeLease implements AutoCloseable {
    /** What every call to an agent is given at least; the limit ends the hold at its time all the same. */
    private static final Duration SHORTEST_CALL = Duration.ofSeconds(1);

    private final Release release;
    private final Timing timing;
    private final Timing.Worker thread;
    private final Duration limit;
    private volatile CompletableFuture<Thaw> thaw = new CompletableFuture<>();
    private final AtomicBoolean releasing = new AtomicBoolean();
    private volatile boolean frozen;
    private volatile boolean paused;
    private volatile boolean expired;
    private volatile Optional<GuestAgent> unanswered = Optional.empty();
    private volatile Duration settle = Duration.ZERO;
    private volatile long began;
    private volatile Runnable cancelDeadline = () -> {};

    /**
     * Arms nothing yet: the limit runs from the first hold.
     *
     * @param limit the longest that the guest may be held, from before the first command to the release's start
     */
    public FreezeLease(Release release, Timing timing, Duration limit) {
        this.release = release;
        this.timing = timing;
        this.thread = timing.worker("freeze-lease");
        this.limit = limit;
    }

    /**
     * Takes over a guest that another process may hold, which is no more or is to be outlived. It counts as held, and
     * the limit runs from now.
     *
     * @param lease what the other one held it for
     * @param settle for how long a thaw has to last before it counts, where the other's last command may be under way
     */
    public static FreezeLease adopt(Release release, Timing timing, Lease lease, Duration limit, Duration settle) {
        FreezeLease adopted = new FreezeLease(release, timing, limit);
        adopted.settle = settle;
        adopted.begin(() -> {
            adopted.frozen = lease.freezes();
            adopted.paused = lease.pauses();
        });
        return adopted;
    }

    /**
     * Freezes the guest and returns how many filesystems the agent says are frozen.
     *
     * @param agent sends the freeze; the release has its own connection
     * @param only what is frozen, as the agent knows it; empty for all that can be
     * @throws GuestException when the agent fails or does not answer within the limit, and the guest counts as frozen
     *     all the same; or when the limit has passed already, and nothing is sent
     */
    public int freeze(GuestAgent agent, List<String> only) {
        return hold(() -> frozen = true, () -> {
            Duration most = max(limit, SHORTEST_CALL);
            try {
                return only.isEmpty() ? agent.freeze(most) : agent.freeze(only, most);
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

    /** Whether the guest is held now, asked of the guest and of QEMU and not of this object's memory. */
    public Frozenness isFrozen() {
        return release.look();
    }

    /** Whether a hold was attempted: from then on a release is owed. */
    public boolean owed() {
        return frozen || paused;
    }

    /** How long the hold may go on: the whole limit where nothing is held yet, nothing once the release has begun. */
    public synchronized Duration left() {
        if (releasing.get()) {
            return Duration.ZERO;
        }
        return owed() ? max(limit.minus(timing.since(began)), Duration.ZERO) : limit;
    }

    /** Whether the limit, or the loss of a safeguard, and not the holder, ended the hold. */
    public boolean expired() {
        return expired;
    }

    /** Releases the guest, or waits for the release that has begun. Called again it gives the same answer. */
    public Thaw thaw() {
        beginRelease();
        return thaw.join();
    }

    /** Ends the hold without the holder, as the limit does. Returns at once. */
    public void expire() {
        if (owed() && !releasing.get()) {
            expired = true;
            beginRelease();
        }
    }

    /**
     * Gives an adopted guest back: its holder has released it.
     *
     * @return false when the release has begun already, and nothing changes
     */
    public synchronized boolean renounce() {
        if (!releasing.compareAndSet(false, true)) {
            return false;
        }
        cancelDeadline.run();
        frozen = false;
        paused = false;
        thaw.complete(Thaw.withoutCommand(Means.RESUMED, "its holder has released it"));
        return true;
    }

    /** Releases where a hold was attempted and nobody has released yet. */
    @Override
    public void close() {
        if (owed()) {
            thaw();
            cancelDeadline.run();
        }
        thread.close();
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
            cancelDeadline = thread.after(limit, this::expire);
        }
        note.run();
    }

    private synchronized void beginRelease() {
        if (releasing.compareAndSet(false, true)) {
            releaseAgain();
        }
    }

    private synchronized void releaseAgain() {
        CompletableFuture<Thaw> last = new CompletableFuture<>();
        thaw = last;
        thread.run(() -> last.complete(releaseNow()));
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private Thaw releaseNow() {
        try {
            return release.run(new Hold(began, frozen, paused, settle, unanswered));
        } catch (RuntimeException | Error e) {
            // whatever broke, whoever waits for the thaw must learn that it is not confirmed
            return Thaw.withoutCommand(Means.NOTHING, "the release broke: " + e);
        }
    }
}
