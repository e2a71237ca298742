package io.stillframe.orchestrator.sentinel;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.orchestrator.lease.FreezeLease;
import io.stillframe.orchestrator.lease.Frozenness;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Intervention.Cause;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Release;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One guest under guard: its lease adopted beforehand, to be released by the sentinel if its holder does not. */
final class GuardedGuest implements Release {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedGuest.class);

    private final Lease lease;
    private final LeaseFile file;
    private final Domain domain;
    private final GuestAgent agent;
    private final Release release;
    private final Timing timing;
    private final Clock clock;
    private final FreezeLease adopted;
    private volatile boolean holderGone;
    private volatile boolean releasedBefore;
    private volatile boolean acting;
    private volatile Optional<Thaw> intervention = Optional.empty();

    GuardedGuest(
            Lease lease, LeaseFile file, Domain domain, GuestAgent agent, Release release, Timing timing, Clock clock) {
        this.lease = lease;
        this.file = file;
        this.domain = domain;
        this.agent = agent;
        this.release = release;
        this.timing = timing;
        this.clock = clock;
        this.adopted = FreezeLease.adopt(this, timing, lease, lease.sentinelDeadline(), Rescue.SETTLE);
    }

    Optional<Thaw> intervention() {
        return intervention;
    }

    /** What was done, once it has come to its end: a holder that thaws meanwhile would thaw the guest twice. */
    Optional<Thaw> awaitIntervention() {
        if (acting) {
            adopted.thaw();
        }
        return intervention;
    }

    /** The holder has released the guest. A release that has begun here ends by itself, for the guest is free. */
    Optional<Thaw> giveBack() {
        if (!adopted.renounce()) {
            adopted.thaw();
        }
        file.remove(); // first: a holder that waits for no answer must not leave a lease of a guest that is free
        end();
        file.close();
        return intervention;
    }

    void holderGone() {
        holderGone = true;
        adopted.expire();
    }

    /**
     * Returns when the guest is released. A holder that was late may have frozen the guest after its deadline, in its
     * last moment, so a guest that was released before is looked at once more, when such a freeze is through.
     */
    void awaitReleased() {
        Thaw thaw = adopted.thaw();
        if (releasedBefore) {
            timing.pause(Rescue.SETTLE);
        }
        Optional<Thaw> again =
                adopted.isFrozen().is() == Frozenness.Answer.FREE ? Optional.empty() : Optional.of(again());
        LOG.warn(
                "vm '{}' is released: {}", lease.vm().name(), again.orElse(thaw).how());
        end();
        file.close();
    }

    /** The release as the adopted lease sees it: what is done goes to the disk before anybody is told. */
    @Override
    public Thaw run(Hold hold) {
        acting = true;
        Cause cause = holderGone ? Cause.HOLDER_GONE : Cause.DEADLINE;
        releasedBefore = cause == Cause.DEADLINE;
        LOG.warn("releasing vm '{}': {}", lease.vm().name(), cause);
        Thaw thaw = release.run(hold);
        intervention = Optional.of(thaw);
        file.record(new Intervention(cause, clock.instant(), thaw));
        return thaw;
    }

    @Override
    public Frozenness look() {
        return release.look();
    }

    private Thaw again() {
        return release.run(new Hold(0, lease.freezes(), lease.pauses(), Rescue.SETTLE, Optional.empty()));
    }

    private void end() {
        adopted.close();
        agent.close();
        domain.close();
    }
}
