package io.stillframe.orchestrator.cli;

import io.stillframe.config.Grouping;
import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.SnapshotCommand.Taken;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.orchestrator.policy.SelectMachines;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a policy, by hand or by the schedule: the turn of each machine that is selected now, one after the other or
 * all together.
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
        List<PolicyTurn.Result> turns = new ArrayList<>();
        for (DomainId vm : machines) {
            if (!site.interrupted().getAsBoolean()) {
                turns.add(turn.of(vm));
            }
        }
        return turns;
    }

    private List<PolicyTurn.Result> together(
            PolicyTurn turn, Journal journal, Policy policy, List<DomainId> machines) {
        List<Taken> taken =
                new GroupTurn(site, journal, policy, output).of(machines).taken();
        List<PolicyTurn.Result> turns = new ArrayList<>();
        for (int i = 0; i < machines.size(); i++) {
            turns.add(turn.then(machines.get(i), taken.get(i)));
        }
        return turns;
    }
}
