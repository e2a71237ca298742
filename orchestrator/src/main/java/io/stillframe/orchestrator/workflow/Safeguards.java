package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.guest.GuestAgent;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.workflow.GuestSwitch.Disarmed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What releases a run's guest if nobody here does: the sentinel, without which nothing is held, and the switch inside the
 * guest, where it can be had. Armed at the very end of the preparation, for their deadlines run from then on.
 */
final class Safeguards {
    private final Guard guard;
    private final Lease lease;
    private final GuestSwitch guestSwitch;
    private final Optional<String> noSwitch;
    private volatile Optional<Guard.Watch> watch = Optional.empty();
    private volatile boolean lost;
    private boolean switchSent;
    private Optional<String> switchMissing = Optional.of("not tried");
    private List<Evidence> evidence = List.of();

    /**
     * Nothing is armed yet.
     *
     * @param name the run's label
     * @param noSwitch why there can be no switch inside the guest; empty where there can
     */
    Safeguards(Guard guard, Lease lease, String name, Optional<String> noSwitch) {
        this.guard = guard;
        this.lease = lease;
        this.guestSwitch = new GuestSwitch(name);
        this.noSwitch = noSwitch;
    }

    /**
     * Arms them, the one that acts last first.
     *
     * @param onLoss told when the sentinel has died while the guest may be held
     * @throws RunFailed when there is no sentinel; the guest is untouched
     */
    void arm(GuestAgent agent, Runnable onLoss) {
        if (lease.freezes()) {
            switchSent = noSwitch.isEmpty();
            switchMissing = switchSent ? guestSwitch.arm(agent, lease.switchDeadline()) : noSwitch;
        }
        try {
            watch = Optional.of(watched(onLoss));
            if (!cover(lease.limit())) {
                // it took its time to start, which counts against its deadline; now it is there
                armedInVain();
                watch = Optional.of(watched(onLoss));
            }
        } catch (GuardException e) {
            throw new RunFailed(new Problem(
                    ErrorCode.PREPARE,
                    "vm '%s' was not frozen, for nothing would thaw it if this process died: no sentinel: %s"
                            .formatted(lease.vm().name(), e.getMessage()),
                    "see sentinel.log in the state directory, then try again"));
        }
    }

    private Guard.Watch watched(Runnable onLoss) {
        return guard.watch(lease, () -> {
            lost = true;
            onLoss.run();
        });
    }

    private void armedInVain() {
        watch.ifPresent(Guard.Watch::end);
        watch = Optional.empty();
        lost = false;
    }

    /** Whether a hold of this length may begin now. */
    boolean cover(Duration hold) {
        return watch.map(armed -> armed.covers(hold)).orElse(false);
    }

    /** What the sentinel did, where it acted. */
    Optional<Thaw> intervention() {
        return watch.flatMap(Guard.Watch::intervention);
    }

    /** The sentinel that was armed goes on; in the place of one that died another one does. */
    String goOn() {
        return guard.goOn(lease);
    }

    /** Disarms what is armed, once the guest is known to be free and executes programs again. */
    void end(GuestAgent agent) {
        // one whose arming was not answered may be armed as well
        Disarmed disarmed = switchSent ? guestSwitch.disarm(agent) : Disarmed.IN_TIME;
        watch.ifPresent(armed -> {
            Evidence sentinel = sentinel(armed.end());
            evidence = lease.freezes() ? List.of(sentinel, guestSwitch(disarmed)) : List.of(sentinel);
        });
        watch = Optional.empty();
        switchSent = false;
    }

    /** What they did or did not do: one that acted, or died, means that the guest was not held to the end. */
    List<Evidence> evidence() {
        return evidence;
    }

    /** Where nobody knows what one did, the counts of frozen and thawed filesystems tell: they alone carry the class. */
    private Evidence sentinel(Guard.Ended ended) {
        if (ended.intervention().isPresent()) {
            return new Evidence(
                    "sentinel",
                    false,
                    "it released the guest: " + ended.intervention().get().how());
        }
        String detail = ended.unknown()
                .map(why -> "armed, whether it acted is not known: " + why)
                .orElse("armed, not needed");
        return new Evidence("sentinel", !lost, lost ? "it died while the guest was held" : detail);
    }

    private Evidence guestSwitch(Disarmed disarmed) {
        String armed =
                switch (disarmed) {
                    case IN_TIME -> "armed, not needed";
                    case AFTER_FIRING -> "the guest thawed itself";
                    case GONE -> "armed, and not there any more when it was to be disarmed";
                    case UNKNOWN -> "armed, whether it acted is not known: it could not be disarmed";
                };
        boolean fired = disarmed == Disarmed.AFTER_FIRING;
        return new Evidence(
                "guest-switch",
                !fired,
                fired
                        ? armed
                        : switchMissing.map(reason -> "not armed: " + reason).orElse(armed));
    }
}
