package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.AgentInfo;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the guest's agent can freeze and thaw, and what it would freeze. */
record AgentExamination(List<Check> checks, FreezePlan plan, boolean mayExec, SysRq sysRq) {
    /** A live agent answers in milliseconds; a guest under load in less than this. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);

    /** What {@code guest-get-osinfo} of qga/commands-win32.c says. */
    private static final String WINDOWS = "mswindows";

    /** {@code ga_command_init_blockedrpcs} there: without VSS they are blocked. */
    private static final String NO_VSS = ", as one on Windows that cannot load its VSS provider (qga-vss.dll)";

    private static final String FREEZE_LIST = "guest-fsfreeze-freeze-list";

    static AgentExamination none(String reason) {
        return new AgentExamination(List.of(), FreezePlan.none(reason), false, SysRq.UNKNOWN);
    }

    static AgentExamination of(Hypervisor hypervisor, Domain domain, boolean crashWillDo, HookExamination hooks) {
        try (GuestAgent agent = hypervisor.agent(domain.id())) {
            agent.sync(CALL_LIMIT);
            AgentInfo info = agent.info(CALL_LIMIT);
            boolean asks = info.allows("guest-fsfreeze-status");
            // first, for an agent that says frozen allows no freeze
            if (asks && agent.status(CALL_LIMIT) == FreezeStatus.FROZEN) {
                return frozen(domain.id());
            }
            boolean saysWindows = saysWindows(info, agent);
            if (!asks || !info.allows("guest-fsfreeze-freeze") || !info.allows("guest-fsfreeze-thaw")) {
                return silent(
                        "the agent does not allow freeze, thaw and status" + (saysWindows ? NO_VSS : ""), crashWillDo);
            }
            List<GuestFilesystem> filesystems = agent.filesystems(CALL_LIMIT);
            boolean windows = saysWindows || filesystems.stream().anyMatch(Vss::names);
            FreezePlan plan =
                    windows ? FreezePlan.byVss(filesystems, info.allows(FREEZE_LIST)) : FreezePlan.of(filesystems);
            if (plan.expected() == 0) {
                return silent("the agent knows no filesystem that can be frozen", crashWillDo);
            }
            return windows ? windows(info, plan, hooks) : able(info, plan, agent, domain.hasKeyboard(), hooks);
        } catch (GuestException e) {
            String reason = e.failure() == GuestFailure.AGENT_NOT_CONFIGURED
                    ? "the machine has no agent channel"
                    : "the agent does not answer: " + e.getMessage();
            return silent(reason, crashWillDo);
        }
    }

    private static boolean saysWindows(AgentInfo info, GuestAgent agent) {
        return info.allows("guest-get-osinfo")
                && agent.osId(CALL_LIMIT).filter(WINDOWS::equals).isPresent();
    }

    /** No program of ours runs there: neither what writes dirty data out nor the switch; and its kernel knows no SysRq. */
    private static AgentExamination windows(AgentInfo info, FreezePlan plan, HookExamination hooks) {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.ok(
                "agent", "qemu-ga %s on Windows; volumes to freeze: %d".formatted(info.version(), plan.expected())));
        unfreezable(plan).ifPresent(checks::add);
        if (plan.volumes().isEmpty()) {
            checks.add(Check.warn(
                    "freeze-list",
                    "the agent cannot be told which volumes to freeze: it takes every fixed drive, and where one of them is "
                            + "neither NTFS nor ReFS the counts differ and nothing beyond 'crash' is claimed",
                    "install a qemu-ga that allows guest-fsfreeze-freeze-list"));
        }
        checks.add(Check.warn(
                "windows",
                "VSS holds writes back for %d s at most, so no freeze lasts longer, whatever freeze-limit says; nothing inside "
                                .formatted(Vss.HOLD.toSeconds())
                        + "the guest thaws it earlier if this host dies; and Stillframe was tested with a script of this agent, "
                        + "never with Windows itself",
                ""));
        checks.add(Check.warn(
                "vss-backup",
                "each snapshot is a full backup to the applications in the guest, unless its registry says otherwise: they may "
                        + "cut off the logs, or begin anew the chains, that backups of their own build on",
                "where such backups are made set the DWORD VssOption of the QEMU Guest Agent VSS Provider's service to 5 "
                        + "(copy), with an agent that knows it: see docs/windows.md"));
        checks.addAll(hooks.impossible("there is none for Windows", "require 'filesystem'"));
        return new AgentExamination(List.copyOf(checks), plan, false, SysRq.REFUSED);
    }

    private static Optional<Check> unfreezable(FreezePlan plan) {
        return plan.beyond().isEmpty()
                ? Optional.empty()
                : Optional.of(Check.warn(
                        "unfreezable",
                        "no freeze can hold: " + String.join(", ", plan.beyond()),
                        "what is written there during the snapshot may be torn"));
    }

    private static AgentExamination able(
            AgentInfo info, FreezePlan plan, GuestAgent agent, boolean keyboard, HookExamination hooks) {
        List<Check> checks = new ArrayList<>();
        checks.add(
                Check.ok("agent", "qemu-ga %s; filesystems to freeze: %d".formatted(info.version(), plan.expected())));
        unfreezable(plan).ifPresent(checks::add);
        boolean mayExec = info.allows("guest-exec") && info.allows("guest-exec-status");
        checks.add(
                mayExec
                        ? Check.ok(
                                "guest-exec",
                                "allowed: dirty data is written out before the freeze, and a switch in the guest thaws "
                                        + "it if this host dies")
                        : Check.warn(
                                "guest-exec",
                                "not allowed: dirty data can only be written out during the freeze, which lasts longer, and the "
                                        + "switch that thaws the guest if this host dies cannot be armed from here",
                                "allow guest-exec and guest-exec-status in the agent's configuration, or install the "
                                        + "freeze hook of guest/README.md in the guest"));
        LastResort lastResort = LastResort.of(agent, keyboard, mayExec, CALL_LIMIT);
        checks.add(lastResort.check());
        checks.addAll(
                mayExec
                        ? hooks.of(agent)
                        : hooks.impossible(
                                "the agent may not execute programs",
                                "allow guest-exec and guest-exec-status in the agent's configuration"));
        return new AgentExamination(List.copyOf(checks), plan, mayExec, lastResort.sysRq());
    }

    private static AgentExamination frozen(DomainId domain) {
        Check check = Check.fail(
                ErrorCode.ALREADY_FROZEN,
                "agent",
                "the guest is frozen already, by somebody else",
                "end what froze it, or thaw it with 'stillframe thaw %s'".formatted(domain.name()));
        return new AgentExamination(
                List.of(check), FreezePlan.none("the guest is frozen already"), false, SysRq.UNKNOWN);
    }

    private static AgentExamination silent(String reason, boolean crashWillDo) {
        Check check = crashWillDo
                ? Check.warn("agent", reason + "; the snapshot is taken without a freeze", "")
                : Check.fail(
                        ErrorCode.AGENT,
                        "agent",
                        reason,
                        "install and start qemu-guest-agent in the guest, or accept a snapshot without a freeze with "
                                + "--require crash");
        return new AgentExamination(List.of(check), FreezePlan.none(reason), false, SysRq.UNKNOWN);
    }
}
