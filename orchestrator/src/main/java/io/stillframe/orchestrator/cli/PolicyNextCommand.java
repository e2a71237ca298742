package io.stillframe.orchestrator.cli;

import io.stillframe.config.Policy;
import io.stillframe.orchestrator.policy.DueTimes;
import io.stillframe.orchestrator.policy.Jitter;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code policy next [NAME]}. */
@Command(name = "next", description = "Tell the next times at which policies are due, the earliest first.")
final class PolicyNextCommand extends SiteCommand {
    private static final int MOST = 10_000;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "only this policy's")
    private String name;

    @Option(names = "--count", paramLabel = "N", defaultValue = "10", description = "so many, 1 to 10000 (default: 10)")
    private int count;

    @Spec
    private CommandSpec spec;

    @Override
    Place place() {
        return Place.ANY;
    }

    @Override
    ExitStatus run(Site site, Output output) {
        if (count < 1 || count > MOST) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--count is 1 to " + MOST);
        }
        Collection<Policy> policies =
                name == null ? site.settings().policies().values() : List.of(PolicyCommand.named(site, name));
        List<PolicyViews.DueView> due = policies.stream()
                .flatMap(policy -> new DueTimes(policy.timetable())
                        .from(site.clock().instant())
                        .limit(count)
                        .map(at -> PolicyViews.DueView.of(policy, at, Jitter.begin(policy, at))))
                .sorted(Comparator.comparing(PolicyViews.DueView::due).thenComparing(PolicyViews.DueView::policy))
                .limit(count)
                .toList();
        if (json()) {
            output.json(new PolicyViews.Next(due));
        } else if (due.isEmpty()) {
            output.line("nothing is due");
        } else {
            output.table(
                    List.of("DUE", "BEGINS", "POLICY"),
                    due.stream()
                            .map(of -> List.of(of.local(), of.begins().toString(), of.policy()))
                            .toList());
        }
        return ExitStatus.DONE;
    }
}
