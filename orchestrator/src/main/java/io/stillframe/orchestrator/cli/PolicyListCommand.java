package io.stillframe.orchestrator.cli;

import io.stillframe.config.Policy;
import io.stillframe.orchestrator.policy.DueTimes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code policy list}. */
@Command(name = "list", description = "List the policies, with their schedules and when each is due next.")
final class PolicyListCommand extends SiteCommand {
    @Override
    Place place() {
        return Place.ANY;
    }

    @Override
    ExitStatus run(Site site, Output output) {
        List<Policy> policies = List.copyOf(site.settings().policies().values());
        Instant now = site.clock().instant();
        if (json()) {
            output.json(new PolicyViews.Policies(policies.stream()
                    .map(policy -> PolicyViews.PolicyView.of(policy, next(policy, now)))
                    .toList()));
        } else if (policies.isEmpty()) {
            output.line("no policies in " + site.configFile());
        } else {
            output.table(
                    List.of("POLICY", "SCHEDULE", "ZONE", "NEXT"),
                    policies.stream().map(policy -> row(policy, now)).toList());
        }
        return ExitStatus.DONE;
    }

    private static Optional<Instant> next(Policy policy, Instant now) {
        return new DueTimes(policy.timetable()).after(now);
    }

    private static List<String> row(Policy policy, Instant now) {
        return List.of(
                policy.name(),
                policy.timetable().recurrences().stream().map(Object::toString).collect(Collectors.joining("; ")),
                policy.timetable().zone().toString(),
                next(policy, now).map(due -> PolicyCommand.clock(policy, due)).orElse("never"));
    }
}
