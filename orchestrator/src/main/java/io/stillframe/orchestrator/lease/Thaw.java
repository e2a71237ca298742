package io.stillframe.orchestrator.lease;

import java.time.Duration;

/**
 * How a release ended.
 *
 * @param by what confirmed that the guest is not held any more; {@link Means#NOTHING} where it may still be
 * @param filesystems how many filesystems the first thaw command that was answered thawed; -1 where none was answered
 * @param attempts how many thaw commands were sent
 * @param window from before the freeze command was sent to the first answered thaw, or to giving up
 * @param keys whether Alt+SysRq+J was pressed
 * @param how what confirmed it, or what stood in the way, in words for people
 */
public record Thaw(Means by, int filesystems, int attempts, Duration window, boolean keys, String how) {
    /** What tells that a guest is not held. */
    public enum Means {
        /** The agent thawed and says thawed. */
        AGENT,
        /** Alt+SysRq+J was pressed, and disks that stood still until then are written to. */
        SYSRQ,
        /** The machine is off or gone. */
        MACHINE_OFF,
        /** QEMU goes on, and nothing was frozen. */
        RESUMED,
        /** It is not confirmed. */
        NOTHING
    }

    /** No command could be sent. */
    public static Thaw withoutCommand(Means by, String how) {
        return new Thaw(by, -1, 0, Duration.ZERO, false, how);
    }

    /** Whether the guest is known not to be held any more. */
    public boolean confirmed() {
        return by != Means.NOTHING;
    }
}
