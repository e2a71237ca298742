package io.stillframe.orchestrator.cli;

import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.policy.Forecast;
import io.stillframe.orchestrator.policy.Judgement;
import io.stillframe.orchestrator.policy.Moment;
import io.stillframe.orchestrator.policy.SelectMachines;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code policy explain NAME}. */
@Command(
        name = "explain",
        description = "Tell of every snapshot of the policy's machines whether it is kept, and why; touches nothing.")
final class PolicyExplainCommand extends SiteCommand {
    @Parameters(paramLabel = "NAME", description = "the policy")
    private String name;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description =
                    "as it will be then, if every run until then takes its snapshot: 2027-01-31, 2027-01-31T02:00 (on "
                            + "the clocks of the policy's zone), 2027-01-31T02:00Z")
    private String at;

    @Spec
    private CommandSpec spec;

    @Override
    ExitStatus run(Site site, Output output) {
        Policy policy = PolicyCommand.named(site, name);
        Instant now = site.clock().instant();
        Instant then = at == null ? now : time(policy.timetable().zone());
        if (then.isBefore(now)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--at is in the past: " + at);
        }
        List<DomainId> selected = new SelectMachines(site.machines().hypervisor()).of(policy.select());
        Journal journal = journalToLookAt(site, output, "policy explain");
        List<PolicyViews.ExplainedView> machines = new ArrayList<>();
        snapshots(policy, journal, selected).forEach((vm, snapshots) -> {
            List<Moment> moments = snapshots.stream().map(Moment::of).toList();
            machines.add(PolicyViews.ExplainedView.of(
                    vm,
                    selected.contains(vm)
                            ? new Forecast(policy).of(moments, now, then).orElseThrow(this::tooFar)
                            : moments.stream().map(PolicyExplainCommand::left).toList()));
        });
        print(new PolicyViews.Explained(policy.name(), then, machines), output);
        return ExitStatus.DONE;
    }

    /** Of the machines that are selected, and of those that were once: it is worth knowing that these keep theirs. */
    private static Map<DomainId, List<Snapshot>> snapshots(Policy policy, Journal journal, List<DomainId> selected) {
        Map<UUID, List<Snapshot>> all = journal.snapshots(Optional.empty()).stream()
                .collect(Collectors.groupingBy(Snapshot::vm, LinkedHashMap::new, Collectors.toList()));
        Map<DomainId, List<Snapshot>> snapshots = new LinkedHashMap<>();
        for (DomainId vm : selected) {
            snapshots.put(vm, Objects.requireNonNullElse(all.remove(vm.uuid()), List.of()));
        }
        all.forEach((vm, of) -> of.stream()
                .filter(snapshot ->
                        snapshot.policy().filter(policy.name()::equals).isPresent())
                .findFirst()
                .ifPresent(any -> snapshots.put(new DomainId(vm, any.vmName()), of)));
        return snapshots;
    }

    private static Judgement left(Moment moment) {
        return new Judgement(moment, true, List.of("the policy is not for this machine any more"));
    }

    private CommandLine.ParameterException tooFar() {
        return new CommandLine.ParameterException(
                spec.commandLine(), "--at is further away than so many runs can be looked at: " + at);
    }

    private Instant time(ZoneId zone) {
        for (TimeForm form : List.<TimeForm>of(
                text -> OffsetDateTime.parse(text).toInstant(),
                text -> LocalDateTime.parse(text).atZone(zone).toInstant(),
                text -> LocalDate.parse(text).atStartOfDay(zone).toInstant())) {
            try {
                return form.read(at);
            } catch (DateTimeException e) {
                // the next form may be its own
            }
        }
        throw new CommandLine.ParameterException(
                spec.commandLine(), "--at is no time such as 2027-01-31 or 2027-01-31T02:00: " + at);
    }

    @FunctionalInterface
    private interface TimeForm {
        Instant read(String text);
    }

    private void print(PolicyViews.Explained explained, Output output) {
        if (json()) {
            output.json(explained);
            return;
        }
        if (explained.machines().isEmpty()) {
            output.line("policy %s selects no machine".formatted(explained.policy()));
        }
        for (PolicyViews.ExplainedView machine : explained.machines()) {
            output.line("vm '%s'%s".formatted(machine.vm(), machine.snapshots().isEmpty() ? ": no snapshots" : ""));
            if (!machine.snapshots().isEmpty()) {
                output.table(
                        List.of("SNAPSHOT", "TAKEN", "", "BECAUSE"),
                        machine.snapshots().stream()
                                .map(of -> List.of(
                                        of.snapshot(),
                                        of.takenAt().toString(),
                                        of.kept() ? "kept" : "removed",
                                        String.join("; ", of.because())))
                                .toList());
            }
        }
    }
}
