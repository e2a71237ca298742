package io.stillframe.orchestrator.cli;

import io.stillframe.config.Caps;
import io.stillframe.config.Grouping;
import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.orchestrator.policy.SelectMachines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One run of a policy, by hand or by the schedule: a snapshot of each machine that is selected now, as many at once as the
 * caps allow, or all together; then, once no guest is held any more, what is not kept is removed.
 */
final class RunPolicy {
    private final Site site;
    private final Meters meters;
    private final Output output;

    RunPolicy(Site site, Meters meters, Output output) {
        this.site = site;
        this.meters = meters;
        this.output = output;
    }

    /** After an interruption no further machine has its turn. */
    List<PolicyTurn.Result> of(Policy policy) {
        List<DomainId> machines = new SelectMachines(site.machines().hypervisor()).of(policy.select());
        Journal journal = SiteCommand.journal(site, output, "policy run", List.of());
        PolicyTurn turn = new PolicyTurn(site, journal, policy, meters, output);
        if (policy.grouping() != Grouping.NONE && machines.size() > 1) {
            return together(turn, journal, policy, machines);
        }
        return inTurns(turn, policy, machines);
    }

    /** What a crash left is put right before any begins: later it could not be told from what goes on beside it. */
    private List<PolicyTurn.Result> inTurns(PolicyTurn turn, Policy policy, List<DomainId> machines) {
        Map<DomainId, Taken> refused = turn.admit(machines);
        StoragePools pools = StoragePools.of(site.machines().hypervisor());
        Caps caps = site.settings().limits().atOnce();
        if (machines.size() > caps.host()) {
            output.complaint("policy %s: %d machines, at most %d at once, %d in the same storage pool; the others wait"
                    .formatted(policy.name(), machines.size(), caps.host(), caps.pool()));
        }
        List<Optional<Taken>> taken =
                atOnce(machines, pools, vm -> take(turn, vm, Optional.ofNullable(refused.get(vm))));
        Map<DomainId, Taken> had = new LinkedHashMap<>();
        for (int i = 0; i < machines.size(); i++) {
            DomainId vm = machines.get(i);
            taken.get(i).ifPresent(of -> had.put(vm, of));
        }
        // others may have their turn while data moves: by then no run of ours may be under way
        return atOnce(
                List.copyOf(had.keySet()),
                pools,
                vm -> site.interrupted().getAsBoolean()
                        ? new PolicyTurn.Result(vm, had.get(vm), List.of())
                        : turn.then(vm, had.get(vm)));
    }

    private <T> List<T> atOnce(List<DomainId> machines, StoragePools pools, Function<DomainId, T> work) {
        return new TurnsAtOnce(site.settings().limits().atOnce(), site.timing())
                .of(machines.stream()
                        .map(vm -> new TurnsAtOnce.Turn<>(pools.of(vm), () -> work.apply(vm)))
                        .toList());
    }

    private Optional<Taken> take(PolicyTurn turn, DomainId vm, Optional<Taken> refused) {
        return site.interrupted().getAsBoolean()
                ? Optional.empty()
                : Optional.of(refused.orElseGet(() -> turn.take(vm)));
    }

    private List<PolicyTurn.Result> together(PolicyTurn turn, Journal journal, Policy policy, List<DomainId> machines) {
        List<Taken> taken =
                new GroupTurn(site, journal, policy, output).of(machines).taken();
        List<PolicyTurn.Result> turns = new ArrayList<>();
        for (int i = 0; i < machines.size(); i++) {
            turns.add(turn.then(machines.get(i), taken.get(i)));
        }
        return turns;
    }
}
