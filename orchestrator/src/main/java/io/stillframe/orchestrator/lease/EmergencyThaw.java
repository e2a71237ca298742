package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The way around the agent: on Alt+SysRq+J a Linux guest thaws whatever is frozen ({@code emergency_thaw_all}), if its
 * {@code kernel.sysrq} has bit 64 and it has a keyboard. Nothing is pressed before the agent has failed for a while, nor
 * for a guest that is known not to obey. Without an agent only the guest's own writes confirm it, and only where its
 * kernel is known to obey and the disks are known that its freeze holds: anything else writes for its own reasons.
 */
final class EmergencyThaw {
    /** Linux key codes: left Alt, SysRq, J. */
    private static final List<Integer> ALT_SYSRQ_J = List.of(56, 99, 36);

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(10);

    /** What says that the agent failed, and not the way to it, nor the machine. */
    private static final Set<GuestFailure> OF_THE_AGENT = EnumSet.of(
            GuestFailure.AGENT_NOT_CONFIGURED,
            GuestFailure.AGENT_UNRESPONSIVE,
            GuestFailure.AGENT_TIMEOUT,
            GuestFailure.AGENT_COMMAND_FAILED,
            GuestFailure.BAD_REPLY,
            GuestFailure.UNSUPPORTED,
            GuestFailure.DEADLINE);

    private final Domain domain;
    private final Timing timing;
    private final boolean refused;
    private final boolean obeys;
    private final WriteWatch watch;
    private boolean failed;
    private long failedAt;
    private boolean pressed;
    private long pressedAt;
    private boolean stoodStillBefore;

    EmergencyThaw(Domain domain, Lease lease, Timing timing) {
        this.domain = domain;
        this.timing = timing;
        this.refused = lease.sysRq() == Lease.SysRq.REFUSED;
        this.obeys = lease.sysRq() == Lease.SysRq.ALLOWED;
        this.watch = new WriteWatch(lease.disks());
    }

    static boolean agentFailed(RuntimeException failure) {
        return failure instanceof GuestException e && OF_THE_AGENT.contains(e.failure());
    }

    boolean pressed() {
        return pressed;
    }

    /**
     * The next thing to do after the agent has failed again: watch the disks, press the keys, or see that the guest
     * writes. The keys wait for no standstill: a disk that holds a frozen filesystem may hold swap as well.
     *
     * @return whether the keys have thawed the guest
     */
    boolean afterAgentFailed() {
        if (refused) {
            return false;
        }
        noteFailure();
        Map<String, Long> written = domain.written();
        if (obeys && stoodStillBefore && watch.moved(written)) {
            return true;
        }
        watch.look(written, timing.nanos());
        if (isTimeToPress()) {
            domain.sendKeys(ALT_SYSRQ_J);
            pressed = true;
            pressedAt = timing.nanos();
            stoodStillBefore = watch.stoodStill();
        }
        return false;
    }

    private void noteFailure() {
        if (!failed) {
            failed = true;
            failedAt = timing.nanos();
        }
    }

    private boolean isTimeToPress() {
        return pressed
                ? timing.since(pressedAt).compareTo(AGAIN_AFTER) > 0
                : timing.since(failedAt).compareTo(WriteWatch.STANDSTILL) >= 0;
    }
}
