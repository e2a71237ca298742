package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * Brings a guest back: resume, thaw, confirm, over connections that nothing else uses, again and again until the guest
 * says that it is thawed or the limit has passed. A paused machine executes nothing, so a resume comes before any thaw.
 */
public final class Release {
    /**
     * One command's time: an agent that is alive thaws in milliseconds. It is the time that an agent's handle has told
     * libvirt already when it opened, so that no call stands before the thaw.
     */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

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
        return run(new Hold(timing.nanos(), true, false, Optional.empty()));
    }

    /**
     * Tries until confirmed or out of time; never throws for what a guest or libvirt does.
     *
     * @param hold what is to be released
     */
    Thaw run(Hold hold) {
        long start = timing.nanos();
        Duration pause = FIRST_PAUSE;
        Attempts attempts = new Attempts(hold);
        while (!attempts.next() && timing.since(start).compareTo(limit) < 0) {
            timing.pause(pause);
            pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
        }
        return attempts.result();
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /**
     * What is to be released.
     *
     * @param began when the hold was attempted, by {@link Timing#nanos}
     * @param frozen whether a freeze was attempted
     * @param paused whether a pause was attempted
     * @param unanswered the handle that sent a freeze whose answer was lost
     */
    record Hold(long began, boolean frozen, boolean paused, Optional<GuestAgent> unanswered) {}

    /** What the attempts so far have brought. */
    private final class Attempts {
        private final Hold hold;
        private int count;
        private int filesystems = -1;
        private boolean confirmed;
        private Duration window = Duration.ZERO;
        private String how = "no attempt was made";

        Attempts(Hold hold) {
            this.hold = hold;
        }

        /** One round; true when the guest is known to be released. */
        boolean next() {
            count++;
            try {
                if (hold.paused()) {
                    domain.resume();
                    how = "resumed";
                    window = timing.since(hold.began());
                }
                confirmed = !hold.frozen() || thaw();
            } catch (RuntimeException e) {
                // whatever it was, the next attempt may do: nothing but time ends them
                how = String.valueOf(e.getMessage());
                confirmed = isOff();
                window = timing.since(hold.began());
            }
            return confirmed;
        }

        private boolean thaw() {
            int thawed = agent.thaw(CALL_LIMIT);
            window = timing.since(hold.began());
            filesystems = filesystems < 0 ? thawed : filesystems;
            how = "the agent still says frozen";
            boolean done = agent.status(CALL_LIMIT) == FreezeStatus.THAWED && freezeHasEnded();
            how = done ? "the agent thawed %d and says thawed".formatted(thawed) : how;
            return done;
        }

        /**
         * A freeze whose answer was lost may still be on its way, behind this thaw. Its own handle serves one call after
         * the other, so it answers only when the freeze is over.
         */
        private boolean freezeHasEnded() {
            return hold.unanswered()
                    .map(freezer -> freezer.status(CALL_LIMIT) == FreezeStatus.THAWED)
                    .orElse(true);
        }

        /** A machine that is off holds nothing frozen. */
        private boolean isOff() {
            try {
                boolean off = domain.state() == DomainState.SHUT_OFF;
                how = off ? "the machine is off" : how;
                return off;
            } catch (RuntimeException e) {
                return false;
            }
        }

        Thaw result() {
            return new Thaw(confirmed, filesystems, count, window, how);
        }
    }
}
