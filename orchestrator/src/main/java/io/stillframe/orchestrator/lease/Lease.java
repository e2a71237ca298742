package io.stillframe.orchestrator.lease;

import io.stillframe.guest.DomainId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What any process needs to know of a guest that may be held, to let it go.
 *
 * <p>The deadlines are nested, so that each layer acts only when the one before it is dead: the holder's own limit, then
 * the sentinel's, then the switch's inside the guest. All but the first run from the arming, and no hold is begun once
 * {@link #MARGIN} has passed since then.
 *
 * @param run the run that holds it; empty where nobody does, as for an operator's thaw
 * @param limit the longest that the holder may hold it
 * @param freezes whether its filesystems may be frozen
 * @param pauses whether its QEMU may be paused
 * @param disks the disks with filesystems that a freeze holds, by target; empty where that is not known
 * @param sysRq whether the guest's kernel obeys Alt+SysRq+J
 */
public record Lease(
        DomainId vm,
        Optional<String> run,
        Duration limit,
        boolean freezes,
        boolean pauses,
        Set<String> disks,
        SysRq sysRq) {

    /** How much later than the holder's limit the sentinel acts, and how much later than the sentinel the switch does. */
    public static final Duration MARGIN = Duration.ofSeconds(5);

    /** What is known of a guest's keyboard and its {@code kernel.sysrq}. */
    public enum SysRq {
        ALLOWED,
        REFUSED,
        UNKNOWN
    }

    public Lease {
        disks = Set.copyOf(disks);
    }

    /** A guest of which nothing is known but that it may be frozen. */
    public static Lease unknown(DomainId vm) {
        return new Lease(vm, Optional.empty(), Duration.ZERO, true, false, Set.of(), SysRq.UNKNOWN);
    }

    /**
     * This lease, of a guest that may still be held as an earlier one says: whoever released it for this one alone would
     * leave it so.
     */
    public Lease including(Lease earlier) {
        return new Lease(
                vm,
                run.or(earlier::run),
                limit,
                freezes || earlier.freezes,
                pauses || earlier.pauses,
                disks.isEmpty() ? earlier.disks : disks,
                sysRq == SysRq.UNKNOWN ? earlier.sysRq : sysRq);
    }

    /** When the sentinel acts, from the arming. */
    public Duration sentinelDeadline() {
        return limit.plus(MARGIN);
    }

    /**
     * When the guest's applications go on by themselves, from when the last of them was told: later than all others act, for
     * they are armed after that, which takes time.
     */
    public Duration applicationDeadline() {
        return switchDeadline().plus(MARGIN).plus(MARGIN);
    }

    /** When the switch inside the guest acts, from the arming. */
    public Duration switchDeadline() {
        return limit.plus(MARGIN).plus(MARGIN);
    }
}
