package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import java.time.Duration;
import java.util.List;

/** Whether a guest could be thawed without its agent, by Alt+SysRq+J. */
record LastResort(SysRq sysRq, Check check) {
    /** {@code kernel.sysrq}: 1 is everything, 64 allows signalling of processes, thawing among it. */
    private static final int EVERYTHING = 1;

    private static final int SIGNALLING = 64;

    static LastResort of(GuestAgent agent, boolean keyboard, boolean mayExec, Duration limit) {
        if (!keyboard) {
            return refused("the machine has no keyboard", "add <input type='keyboard'> to its definition");
        }
        if (!mayExec) {
            return unknown("the guest cannot be asked for its kernel.sysrq without guest-exec");
        }
        try {
            ExecResult answer = agent.exec(List.of("cat", "/proc/sys/kernel/sysrq"), limit);
            return answer.stdout().strip().matches("\\d{1,9}")
                    ? of(Integer.parseInt(answer.stdout().strip()))
                    : unknown("the guest has no kernel.sysrq");
        } catch (GuestException e) {
            return unknown("the guest did not tell its kernel.sysrq: " + e.getMessage());
        }
    }

    private static LastResort of(int mask) {
        return mask == EVERYTHING || (mask & SIGNALLING) != 0
                ? new LastResort(
                        SysRq.ALLOWED,
                        Check.ok("sysrq", "allowed: the guest can be thawed by keyboard if its agent dies"))
                : refused(
                        "kernel.sysrq is %d, which does not allow to thaw by keyboard if the agent dies"
                                .formatted(mask),
                        "add 64 to kernel.sysrq in the guest");
    }

    private static LastResort refused(String detail, String hint) {
        return new LastResort(SysRq.REFUSED, Check.warn("sysrq", detail, hint));
    }

    private static LastResort unknown(String detail) {
        return new LastResort(SysRq.UNKNOWN, Check.warn("sysrq", detail, ""));
    }
}
