package io.stillframe.orchestrator.cli;

import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.policy.Forecast;
import io.stillframe.orchestrator.policy.SelectMachines;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy run NAME}. */
@Command(
        name = "run",
        description =
                "Do now what the schedule would do when the policy is due: a snapshot of each machine, as many at "
                        + "once as the configuration allows, and after each what the policy does not keep is removed.")
final class PolicyRunCommand extends SiteCommand {
    @Parameters(paramLabel = "NAME", description = "the policy")
    private String name;

    @Option(names = "--dry-run", description = "say what would be taken and removed, and touch nothing")
    private boolean dryRun;

    @Override
    ExitStatus run(Site site, Output output) {
        Policy policy = PolicyCommand.named(site, name);
        return dryRun ? planned(site, output, policy) : run(site, output, policy);
    }

    private ExitStatus run(Site site, Output output, Policy policy) {
        RunPolicy run = new RunPolicy(site, ProgressBars.at(site, output, json()), output);
        List<PolicyTurn.Result> results = site.uninterrupted(() -> run.of(policy));
        if (results.isEmpty() && !json() && !site.interrupted().getAsBoolean()) {
            output.line("policy %s selects no machine".formatted(policy.name()));
        }
        print(policy, results, output);
        List<ExitStatus> statuses =
                new ArrayList<>(results.stream().map(PolicyTurn.Result::status).toList());
        if (site.interrupted().getAsBoolean()) {
            statuses.add(ExitStatus.INTERRUPTED);
        }
        return ExitStatus.gravest(statuses);
    }

    private void print(Policy policy, List<PolicyTurn.Result> results, Output output) {
        if (json()) {
            output.json(new PolicyViews.PolicyRun(
                    policy.name(),
                    results.stream().map(PolicyViews.TurnView::of).toList()));
        }
        for (PolicyTurn.Result result : results) {
            if (!json()) {
                print(result, output);
            }
            result.taken().problem().ifPresent(output::error);
            result.removed().forEach(removed -> removed.problem().ifPresent(output::error));
        }
    }

    private static void print(PolicyTurn.Result result, Output output) {
        if (result.taken().view().run() != null) {
            new TakenText(output).print(result.taken().view());
        }
        result.removed().stream()
                .filter(removed -> removed.status() == ExitStatus.DONE)
                .forEach(removed -> output.line("snapshot %s of vm '%s' is deleted"
                        .formatted(removed.snapshot().id(), removed.snapshot().vmName())));
    }

    private ExitStatus planned(Site site, Output output, Policy policy) {
        List<DomainId> machines = new SelectMachines(site.machines().hypervisor()).of(policy.select());
        Journal journal = journal(site, output, "policy run --dry-run", List.of());
        List<PolicyViews.ExplainedView> planned = machines.stream()
                .map(vm -> PolicyViews.ExplainedView.of(
                        vm,
                        new Forecast(policy)
                                .afterRun(
                                        PolicyTurn.moments(journal, vm),
                                        site.clock().instant())))
                .toList();
        if (json()) {
            output.json(new PolicyViews.Explained(policy.name(), site.clock().instant(), planned));
        } else if (planned.isEmpty()) {
            output.line("policy %s selects no machine".formatted(policy.name()));
        }
        if (!json()) {
            planned.forEach(machine -> {
                output.line("vm '%s': a snapshot would be taken".formatted(machine.vm()));
                machine.snapshots().stream()
                        .filter(snapshot -> !snapshot.kept())
                        .forEach(snapshot -> output.line("  %s of %s would be deleted: %s"
                                .formatted(
                                        snapshot.snapshot(),
                                        snapshot.takenAt(),
                                        String.join("; ", snapshot.because()))));
            });
        }
        return ExitStatus.DONE;
    }
}
