package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.Frozenness.Answer;
import io.stillframe.orchestrator.lease.Thaw.Means;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Brings a guest back over connections that nothing else uses: resume, thaw, confirm, again and again until the guest
 * says that it is thawed or the patience is at its end. A paused machine executes nothing, so a resume comes before any
 * thaw. Where the agent goes on failing, the guest's kernel is asked by keyboard.
 */
public final class GuestRelease implements Release {
    /** For who goes on until the guest is thawed or off. */
    public static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();

    /**
     * One command's time: an agent that is alive thaws in milliseconds. It is the time that an agent's handle has told
     * libvirt already when it opened, so that no call stands before the thaw.
     */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Domain domain;
    private final GuestAgent agent;
    private final Lease lease;
    private final Timing timing;
    private final Duration patience;

    /**
     * Made before the freeze, with its connections open.
     *
     * @param patience how long to go on trying
     */
    public GuestRelease(Domain domain, GuestAgent agent, Lease lease, Timing timing, Duration patience) {
        this.domain = domain;
        this.agent = agent;
        this.lease = lease;
        this.timing = timing;
        this.patience = patience;
    }

    @Override
    public Thaw run(Hold hold) {
        long start = timing.nanos();
        Duration pause = FIRST_PAUSE;
        Attempts attempts = new Attempts(hold);
        while (!attempts.next() && timing.since(start).compareTo(patience) < 0) {
            timing.pause(pause);
            pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
        }
        return attempts.result();
    }

    /**
     * Free is what says so itself: the agent, or a machine that is off. An agent whose flag is stale after a thaw behind its
     * back says frozen, and is thawed once more than it needs; what writes beside a freeze (swap, a disk without a
     * filesystem) says nothing of it.
     */
    @Override
    public Frozenness look() {
        try {
            return switch (domain.state()) {
                case SHUT_OFF -> new Frozenness(Answer.FREE, "the machine is off");
                case PAUSED, OTHER -> new Frozenness(Answer.UNKNOWN, "the machine does not run");
                case RUNNING ->
                    agent.status(CALL_LIMIT) == FreezeStatus.THAWED
                            ? new Frozenness(Answer.FREE, "the agent says thawed")
                            : new Frozenness(Answer.HELD, "the agent says frozen");
            };
        } catch (RuntimeException | VirtualMachineError | LinkageError e) {
            return new Frozenness(Answer.UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** What the attempts so far have brought. */
    private final class Attempts {
        private final Hold hold;
        private final EmergencyThaw emergency = new EmergencyThaw(domain, lease, timing);
        private int count;
        private int filesystems = -1;
        private Means by = Means.NOTHING;
        private Duration window = Duration.ZERO;
        private String how = "no attempt was made";
        private Optional<String> failure = Optional.empty();

        Attempts(Hold hold) {
            this.hold = hold;
        }

        /** One round; true when the guest is known to be released. Whatever breaks one, only time ends them. */
        boolean next() {
            count++;
            try {
                by = round();
            } catch (VirtualMachineError | LinkageError e) {
                // another guest's answer may have taken the memory that this one's release needed
                how = "the attempt broke: " + e;
                by = Means.NOTHING;
            }
            return by != Means.NOTHING;
        }

        private Means round() {
            try {
                return attempt();
            } catch (RuntimeException e) {
                how = String.valueOf(e.getMessage());
                failure = failure.or(() -> Optional.of(how));
                window = timing.since(hold.began());
                return withoutAgent(e);
            }
        }

        private Means attempt() {
            if (hold.paused()) {
                domain.resume();
                how = "resumed";
                window = timing.since(hold.began());
            }
            if (!hold.frozen()) {
                return Means.RESUMED;
            }
            if (thaw()) {
                return Means.AGENT;
            }
            return press();
        }

        private boolean thaw() {
            int thawed = agent.thaw(CALL_LIMIT);
            window = filesystems < 0 ? timing.since(hold.began()) : window;
            filesystems = filesystems < 0 ? thawed : filesystems;
            how = "the agent still says frozen";
            boolean done = saysThawed() && freezeHasEnded() && lasts();
            how = done ? "the agent thawed %d and says thawed%s".formatted(thawed, before()) : how;
            return done;
        }

        /** The first failure stays told: where the freeze had ended before, that is what said so. */
        private String before() {
            return failure.map(", after a first failure: "::concat).orElse("");
        }

        private boolean saysThawed() {
            return agent.status(CALL_LIMIT) == FreezeStatus.THAWED;
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

        /** A freeze of a process that is no more may have been on its way too, and there is no handle to ask. */
        private boolean lasts() {
            if (hold.settle().isZero()) {
                return true;
            }
            timing.pause(hold.settle());
            return saysThawed();
        }

        /** A machine that is off holds nothing frozen; one whose agent failed may have a keyboard. */
        private Means withoutAgent(RuntimeException failure) {
            if (isOff()) {
                return Means.MACHINE_OFF;
            }
            return EmergencyThaw.agentFailed(failure) ? press() : Means.NOTHING;
        }

        private Means press() {
            try {
                // a freeze that was never answered may still be in the channel of an agent that only stands still
                if (emergency.afterAgentFailed() && hold.unanswered().isEmpty()) {
                    how = "Alt+SysRq+J thawed it: the guest writes again; of its agent: " + how;
                    return Means.SYSRQ;
                }
            } catch (RuntimeException e) {
                how = "%s; Alt+SysRq+J: %s".formatted(how, e.getMessage());
            }
            return Means.NOTHING;
        }

        private boolean isOff() {
            try {
                boolean off = domain.state() == DomainState.SHUT_OFF;
                how = off ? "the machine is off" : how;
                return off;
            } catch (GuestException e) {
                boolean gone = e.failure() == GuestFailure.NO_SUCH_DOMAIN;
                how = gone ? "the machine is gone" : how;
                return gone;
            } catch (RuntimeException e) {
                return false;
            }
        }

        Thaw result() {
            return new Thaw(by, filesystems, count, window, emergency.pressed(), how);
        }
    }
}
