package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Hypervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks at a machine: its state, its agent, its disks. Used by every run and by {@code doctor}. */
public final class Examine {
    private final Machines machines;
    private final SnapshotOptions options;

    public Examine(Machines machines, SnapshotOptions options) {
        this.machines = machines;
        this.options = options;
    }

    /** Looks at everything, so that all that stands against a run is known at once. */
    public Examination of(Domain domain) {
        List<Check> checks = new ArrayList<>();
        DomainState state = domain.state();
        machine(domain, state, checks);
        AgentExamination agent = agent(domain, state, machines.hypervisor(), checks);
        DiskExamination disks = DiskExamination.of(domain, machines.drivers().of(domain), options.excluded());
        checks.addAll(disks.checks());
        return new Examination(
                List.copyOf(checks), state, agent.plan(), agent.mayExec(), agent.sysRq(), disks.volumes());
    }

    /** What is said of a machine's disks alone: whether another snapshot could be taken of them, and what will soon be. */
    public static List<Check> disks(Machines machines, Domain domain) {
        return DiskExamination.of(domain, machines.drivers().of(domain), Set.of())
                .checks();
    }

    private void machine(Domain domain, DomainState state, List<Check> checks) {
        if (!domain.persistent()) {
            checks.add(Check.fail(
                    ErrorCode.VM_TRANSIENT,
                    "definition",
                    "the machine is transient: its new images would be forgotten with it when it stops",
                    "make it persistent (virsh dumpxml … | virsh define) and try again"));
        }
        switch (state) {
            case RUNNING -> checks.add(Check.ok("state", "running"));
            case SHUT_OFF -> checks.add(off(domain));
            case PAUSED -> checks.add(paused());
            case OTHER ->
                checks.add(Check.fail(
                        ErrorCode.VM_STATE,
                        "state",
                        "the machine is neither running, paused nor off",
                        "see 'virsh domstate --reason', bring it into one of these states and try again"));
        }
    }

    private Check off(Domain domain) {
        if (domain.hasSavedState()) {
            return Check.fail(
                    ErrorCode.VM_STATE,
                    "state",
                    "the machine is off with its memory saved: its next start would write to the images of the snapshot",
                    "start it first, or drop the saved memory with 'virsh managedsave-remove'");
        }
        if (options.required().orElse(Consistency.CRASH).atLeast(Consistency.FILESYSTEM)) {
            return Check.fail(
                    ErrorCode.VM_STATE,
                    "state",
                    "the machine is off: there is nothing to freeze, so nothing beyond 'crash' can be claimed",
                    "leave out --require for a machine that is off");
        }
        return Check.ok("state", "off: the snapshot needs no freeze");
    }

    private Check paused() {
        return crashWillDo()
                ? Check.warn("state", "paused: the snapshot is taken without a freeze, the machine stays paused", "")
                : Check.fail(
                        ErrorCode.VM_STATE,
                        "state",
                        "the machine is paused: a paused guest cannot freeze its filesystems",
                        "resume it, or accept a snapshot without a freeze with --require crash");
    }

    private boolean crashWillDo() {
        return options.requiredWhileRunning() == Consistency.CRASH;
    }

    private AgentExamination agent(Domain domain, DomainState state, Hypervisor hypervisor, List<Check> checks) {
        if (state != DomainState.RUNNING) {
            return AgentExamination.none(state == DomainState.PAUSED ? "the machine is paused" : "the machine is off");
        }
        HookExamination hooks =
                new HookExamination(options.hooks(), options.requiredWhileRunning() == Consistency.APPLICATION);
        AgentExamination agent = AgentExamination.of(hypervisor, domain, crashWillDo(), hooks);
        checks.addAll(agent.checks());
        return agent;
    }
}
