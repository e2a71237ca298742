package io.stillframe.orchestrator.cli;

import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Examine;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code doctor [VM]}: what a run would meet, without touching anything. */
@Command(
        name = "doctor",
        description = "Check this host and, where one is named, a machine: whether they would allow a snapshot now. "
                + "The journal, locks of other processes and unfinished work are not looked at. Exit status 3 if they "
                + "would not.")
final class DoctorCommand extends SiteCommand {
    @Parameters(paramLabel = "VM", arity = "0..1", description = "name or UUID")
    private String vm;

    @Override
    Place place() {
        return Place.ANY;
    }

    @Override
    ExitStatus run(Site site, Output output) {
        List<Check> checks = new ArrayList<>(site.hostChecks());
        String name = null;
        if (vm != null) {
            try (Domain domain = domain(site, vm)) {
                name = domain.id().name();
                checks.addAll(
                        new Examine(site.machines(), options(site)).of(domain).checks());
            }
        }
        if (json()) {
            output.json(new Views.Doctor(
                    name, checks.stream().map(Views.CheckView::of).toList()));
        } else {
            checks.forEach(check -> print(check, output));
        }
        boolean fit = checks.stream().noneMatch(check -> check.status() == Check.Status.FAIL);
        return fit ? ExitStatus.DONE : ExitStatus.REFUSED;
    }

    private static SnapshotOptions options(Site site) {
        return new SnapshotOptions(
                        Optional.empty(),
                        site.required(),
                        Set.of(),
                        site.settings().limits().freeze(),
                        site.settings().limits().thaw())
                .telling(site.settings().hooks());
    }

    private static void print(Check check, Output output) {
        String status = check.status().name().toLowerCase(Locale.ROOT);
        output.line("%-4s  %s: %s".formatted(status, check.check(), check.detail()));
        if (!check.hint().isEmpty()) {
            output.line("      hint: " + check.hint());
        }
    }
}
