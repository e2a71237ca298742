package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.DomainState;
import io.stillframe.orchestrator.lease.Lease;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Sees to it that a guest is held no longer than those can help who have to: each layer whose time has come, and which
 * can do something for the guest, has released it within a few attempts.
 */
final class Watch {
    /**
     * A call that was under way when the way became free ends within libvirt's limit; then comes a pause, and the attempt
     * that succeeds. Without an agent two seconds of standstill must be seen first, with failing calls in between.
     */
    private static final long ATTEMPTS = Duration.ofSeconds(100).toNanos();

    /** The switch looks once in a second. */
    private static final long SWITCH = Duration.ofSeconds(3).toNanos();

    /** A machine that was paused looks at its time once in a second. */
    private static final long HOLD = Duration.ofSeconds(3).toNanos();

    /** One who has to release the guest from a moment on. */
    private static final class Duty {
        private final SimulatedProcess process;
        private final Lease lease;
        private long due;
        private long ableSince = -1;

        Duty(SimulatedProcess process, Lease lease, long due) {
            this.process = process;
            this.lease = lease;
            this.due = due;
        }
    }

    private final World world;
    private final Map<SentinelLine, Duty> sentinels = new HashMap<>();
    private Optional<Duty> holder = Optional.empty();
    private long switchDue = -1;
    private boolean wasStill;
    private int resumptions;

    Watch(World world) {
        this.world = world;
    }

    /** How often the guest went on so far after it had stood still: frozen, paused or off, whoever wanted it so. */
    int resumptions() {
        return resumptions;
    }

    void armed(SentinelLine line, Lease lease) {
        sentinels.put(
                line,
                new Duty(
                        line.process(),
                        lease,
                        world.schedule.now() + lease.sentinelDeadline().toNanos()));
    }

    void disarmed(SentinelLine line) {
        sentinels.remove(line);
    }

    /** It has nothing left to do, as it says by its end. */
    void ends(SentinelLine line) {
        Optional.ofNullable(sentinels.get(line))
                .filter(duty -> (duty.lease.freezes() && world.machine.guest().isFrozen())
                        || (duty.lease.pauses() && world.machine.isPausedByUs()))
                .ifPresent(duty -> world.violated("%s ends though the guest is held".formatted(duty.process.name)));
    }

    void holderGone(SentinelLine line) {
        Duty duty = sentinels.get(line);
        if (duty != null) {
            duty.due = world.schedule.now();
        }
    }

    /** The sentinel's lease over the guest, where one stands there for this holder and lives, as far as is known. */
    Optional<Duration> coverLeft(SimulatedProcess of) {
        return sentinels.entrySet().stream()
                .filter(guard ->
                        guard.getKey().holder() == of && !guard.getKey().gone())
                .map(guard -> Duration.ofNanos(guard.getValue().due - world.schedule.now()))
                .findFirst();
    }

    /** A process is about to hold the guest: from now on it has to let it go in time. */
    void holds(SimulatedProcess process) {
        Lease lease = sentinels.entrySet().stream()
                .filter(guard -> guard.getKey().holder() == process)
                .map(guard -> guard.getValue().lease)
                .findFirst()
                .orElseThrow();
        holder = Optional.of(
                new Duty(process, lease, world.schedule.now() + lease.limit().toNanos()));
    }

    /** Something went wrong with somebody: what is asked of it is asked anew. */
    void disturbed(SimulatedProcess process) {
        sentinels.values().forEach(duty -> disturbed(duty, process));
        holder.ifPresent(duty -> disturbed(duty, process));
    }

    /** After everything that happens. */
    void look() {
        boolean held = world.machine.isHeld();
        boolean still = held || world.machine.standsStill();
        if (wasStill && !still) {
            resumptions++;
        }
        wasStill = still;
        sentinels.forEach((line, duty) -> look(held && !line.intervened(), duty));
        holder.ifPresent(duty -> look(held, duty));
        lookAtSwitch(held);
        if (!still && world.machine.holdsLongerThan(HOLD)) {
            world.violated("the applications wait though their time is over");
        }
    }

    private static void disturbed(Duty duty, SimulatedProcess process) {
        if (process == null || duty.process == process) {
            duty.ableSince = -1;
        }
    }

    private void look(boolean held, Duty duty) {
        long now = world.schedule.now();
        boolean can = held
                && now >= duty.due
                && duty.process.runs()
                && !duty.process.isStopped()
                && world.libvirt.isUp()
                && reaches(duty.lease);
        if (!can) {
            duty.ableSince = -1;
        } else if (duty.ableSince < 0) {
            duty.ableSince = now;
        } else if (now - duty.ableSince > ATTEMPTS) {
            world.violated("the guest is held though %s could have released it for %d s"
                    .formatted(duty.process.name, (now - duty.ableSince) / 1_000_000_000));
        }
    }

    private boolean reaches(Lease lease) {
        boolean frozen = world.machine.guest().isFrozen();
        if ((world.machine.isPausedByUs() && !lease.pauses()) || (frozen && !lease.freezes())) {
            return false;
        }
        return !frozen || world.agent.works() || keysHelp(lease);
    }

    /** Where the guest's kernel is known to obey. What is not frozen as a whole it may not be known to have let go. */
    private boolean keysHelp(Lease lease) {
        return world.plan.keyboard()
                && world.plan.sysrq()
                && lease.sysRq() == Lease.SysRq.ALLOWED
                && world.plan.most().isEmpty();
    }

    private void lookAtSwitch(boolean held) {
        long now = world.schedule.now();
        boolean can = held
                && world.machine.guest().isFrozen()
                && world.machine.guest().state() == DomainState.RUNNING
                && now >= world.machine.switchDue();
        if (!can) {
            switchDue = -1;
        } else if (switchDue < 0) {
            switchDue = now;
        } else if (now - switchDue > SWITCH) {
            world.violated("the guest is frozen though its switch was due");
        }
    }
}
