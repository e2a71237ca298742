package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import java.time.Duration;

/**
 * Brings a guest back: resume, thaw, confirm, over connections that nothing else uses, again and again until the guest
 * says that it is thawed or the limit has passed. A paused machine executes nothing, so a resume comes before any thaw.
 */
public final class Release {
    /** One command's time: an agent that is alive thaws in milliseconds. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Domain domain;
    private final GuestAgent agent;
    private final Timing timing;
    private final Duration limit;

    /**
     * Made before the freeze, with its connections open.
     *
     * @param limit how long to go on trying
     */
    public Release(Domain domain, GuestAgent agent, Timing timing, Duration limit) {
        this.domain = domain;
        this.agent = agent;
        this.timing = timing;
        this.limit = limit;
    }

    /** Thaws a guest that somebody else froze, or a run that is no more. */
    public Thaw thaw() {
        return run(timing.nanos(), true, false);
    }

    /**
     * Tries until confirmed or out of time; never throws for what a guest or libvirt does.
     *
     * @param began when the hold was attempted, by {@link Timing#nanos}
     * @param frozen whether a freeze was attempted
     * @param paused whether a pause was attempted
     */
    Thaw run(long began, boolean frozen, boolean paused) {
        long start = timing.nanos();
        Duration pause = FIRST_PAUSE;
        Attempts attempts = new Attempts(began, frozen, paused);
        while (!attempts.next() && timing.since(start).compareTo(limit) < 0) {
            timing.pause(pause);
            pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
        }
        return attempts.result();
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** What the attempts so far have brought. */
    private final class Attempts {
        private final long began;
        private final boolean frozen;
        private final boolean paused;
        private int count;
        private int filesystems = -1;
        private boolean confirmed;
        private Duration window = Duration.ZERO;
        private String how = "no attempt was made";

        Attempts(long began, boolean frozen, boolean paused) {
            this.began = began;
            this.frozen = frozen;
            this.paused = paused;
        }

        /** One round; true when the guest is known to be released. */
        boolean next() {
            count++;
            try {
                if (paused) {
                    domain.resume();
                    how = "resumed";
                    window = timing.since(began);
                }
                confirmed = !frozen || thaw();
            } catch (GuestException e) {
                how = e.getMessage();
                confirmed = isOff();
                window = timing.since(began);
            }
            return confirmed;
        }

        private boolean thaw() {
            int thawed = agent.thaw(CALL_LIMIT);
            window = timing.since(began);
            filesystems = filesystems < 0 ? thawed : filesystems;
            boolean done = agent.status(CALL_LIMIT) == FreezeStatus.THAWED;
            how = done ? "the agent thawed %d and says thawed".formatted(thawed) : "the agent still says frozen";
            return done;
        }

        /** A machine that is off holds nothing frozen. */
        private boolean isOff() {
            try {
                boolean off = domain.state() == DomainState.SHUT_OFF;
                how = off ? "the machine is off" : how;
                return off;
            } catch (GuestException e) {
                return false;
            }
        }

        Thaw result() {
            return new Thaw(confirmed, filesystems, count, window, how);
        }
    }
}
