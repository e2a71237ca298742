package io.stillframe.orchestrator.cli;

import io.stillframe.config.Demands;
import io.stillframe.config.Policy;
import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.life.DeleteSnapshot;
import io.stillframe.orchestrator.life.ListSnapshots;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.orchestrator.life.Pace;
import io.stillframe.orchestrator.life.Workplace;
import io.stillframe.orchestrator.policy.Judgement;
import io.stillframe.orchestrator.policy.Moment;
import io.stillframe.orchestrator.policy.Retention;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One machine's part in a run of a policy: a snapshot, then what the policy does not keep is removed, the newest first,
 * for what lies on another goes before it. Where there is no new snapshot nothing is removed.
 */
final class PolicyTurn {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Site site;
    private final Journal journal;
    private final Policy policy;
    private final Meters meters;
    private final Output output;

    PolicyTurn(Site site, Journal journal, Policy policy, Meters meters, Output output) {
        this.site = site;
        this.journal = journal;
        this.policy = policy;
        this.meters = meters;
        this.output = output;
    }

    /** What came of it; nothing is removed where no snapshot was taken. */
    record Result(DomainId vm, Taken taken, List<DeleteCommand.Deleted> removed) {
        ExitStatus status() {
            List<ExitStatus> statuses = new ArrayList<>(
                    removed.stream().map(DeleteCommand.Deleted::status).toList());
            statuses.add(taken.status());
            return ExitStatus.gravest(statuses);
        }
    }

    /** What follows a snapshot, however it was taken. */
    Result then(DomainId vm, Taken taken) {
        return new Result(vm, taken, taken.status() == ExitStatus.DONE ? retain(vm) : List.of());
    }

    static List<Moment> moments(Journal journal, DomainId vm) {
        return journal.snapshots(Optional.of(vm.uuid().toString())).stream()
                .map(Moment::of)
                .toList();
    }

    /**
     * Holds the machines against every other process, and brings to its end what stands in their way.
     *
     * @return those that cannot have their turn, each with the reason
     */
    Map<DomainId, Taken> admit(List<DomainId> vms) {
        Map<DomainId, Taken> refused = new LinkedHashMap<>();
        List<DomainId> held = new ArrayList<>();
        for (DomainId vm : vms) {
            try {
                site.hold("policy run", List.of(vm));
                held.add(vm);
            } catch (CommandFailed e) {
                refused.put(vm, Taken.failed(vm.name(), e));
            }
        }
        try {
            ReconcileCommand.settle(site, journal, held, meters).forEach(output::note);
        } catch (CommandFailed e) {
            held.forEach(vm -> refused.put(vm, Taken.failed(vm.name(), e)));
        } catch (GuestException e) {
            held.forEach(vm -> refused.put(vm, unreachable(vm, e)));
        }
        return refused;
    }

    /** A snapshot of one that was admitted. */
    Taken take(DomainId vm) {
        try (Domain domain = site.machines().hypervisor().domain(vm)) {
            return SnapshotCommand.take(
                    domain, SnapshotCommand.untilProved(site, journal), journal, options(site, policy));
        } catch (CommandFailed e) {
            return Taken.failed(vm.name(), e);
        } catch (GuestException e) {
            return unreachable(vm, e);
        }
    }

    private static Taken unreachable(DomainId vm, GuestException e) {
        return Taken.failed(
                vm.name(),
                CommandFailed.refused(
                        ErrorCode.HYPERVISOR_UNREACHABLE,
                        "vm '%s' was not touched: %s".formatted(vm.name(), e.getMessage()),
                        "see libvirtd's log"));
    }

    /** What the policy asks of each snapshot. */
    static SnapshotOptions options(Site site, Policy policy) {
        Demands demands = policy.demands();
        Consistency required = Consistency.valueOf(demands.require().name());
        return new SnapshotOptions(
                        Optional.of(required).filter(Consistency.CRASH::equals),
                        required,
                        Set.of(),
                        demands.freezeLimit(),
                        site.settings().limits().thaw())
                .onDoubt(demands.onDoubt())
                .telling(demands.hooks())
                .by(policy.name());
    }

    private List<DeleteCommand.Deleted> retain(DomainId vm) {
        if (dropped(vm).isEmpty()) {
            return List.of();
        }
        // a snapshot that its storage has lost meanwhile must not be what another one goes for
        new ListSnapshots(journal, site::machines, site.timing(), SnapshotsCommand.PATIENCE)
                .of(vm.uuid().toString());
        Map<String, Snapshot> snapshots = journal
                .snapshots(Optional.of(vm.uuid().toString()))
                .stream()
                .collect(Collectors.toMap(Snapshot::id, snapshot -> snapshot, (one, other) -> one, LinkedHashMap::new));
        DeleteSnapshot delete = new DeleteSnapshot(new Workplace(
                journal,
                site.machines(),
                site.clock(),
                new Pace(OptionalLong.empty(), meters, site.interrupted(), site::letOthers)));
        List<DeleteCommand.Deleted> removed = new ArrayList<>();
        for (Moment moment : dropped(vm)) {
            Snapshot snapshot = snapshots.get(moment.id());
            removed.add(
                    removed.stream().anyMatch(of -> of.status() != ExitStatus.DONE)
                            ? DeleteCommand.Deleted.notTried(snapshot)
                            : DeleteCommand.Deleted.of(snapshot, delete.of(snapshot, RunId.random(RANDOM))));
        }
        return removed;
    }

    /** What the policy does not keep, the newest first, and nobody is removing yet. */
    private List<Moment> dropped(DomainId vm) {
        return new Retention(policy)
                .of(moments(journal, vm), site.clock().instant()).stream()
                        .filter(judgement -> !judgement.kept())
                        .map(Judgement::moment)
                        .filter(moment -> moment.state() != SnapshotState.REMOVING)
                        .toList();
    }
}
