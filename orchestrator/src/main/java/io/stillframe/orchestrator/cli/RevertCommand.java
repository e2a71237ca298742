package io.stillframe.orchestrator.cli;

import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.orchestrator.life.RevertSnapshot;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import io.stillframe.orchestrator.workflow.TakeSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revert SNAPSHOT}. */
@Command(
        name = "revert",
        description = "Bring a machine that is off back to a snapshot. What it has now is kept by a snapshot that is "
                + "taken first; the snapshot that it goes back to is kept, too.")
final class RevertCommand extends JobCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = Selection.FORMS)
    private String named;

    @Option(names = "--no-safety", description = "do not take a snapshot first: what the machine has now is lost")
    private boolean withoutSafety;

    @Option(names = "--yes", description = "do not ask; needed where there is no terminal to ask at")
    private boolean yes;

    private RunId confirmed;

    @Override
    boolean asks() {
        return !yes;
    }

    @Override
    Optional<String> question(Site site, Output output) {
        Snapshot snapshot = Selection.of(
                journal(site, output, "revert", List.of()),
                () -> site.machines().hypervisor(),
                named);
        requireOff(site, snapshot);
        confirmed = snapshot.run();
        return Optional.of(consequence(snapshot));
    }

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journal(site, output, "revert", List.of());
        Snapshot snapshot = Selection.of(journal, () -> site.machines().hypervisor(), named);
        if (!yes && !snapshot.run().equals(confirmed)) {
            throw Confirmation.outdated();
        }
        requireOff(site, snapshot);
        return onSettled(site, output, new Settled("revert", journal, snapshot), settled -> {
            RevertSnapshot revert = new RevertSnapshot(workplace(site, output, journal, OptionalLong.empty()));
            RevertSnapshot.Reverted reverted = revert.of(settled, newId(), safety(site, journal));
            print(reverted, output);
            return status(reverted);
        });
    }

    /** Nobody is asked about what is going to be refused. */
    private static void requireOff(Site site, Snapshot snapshot) {
        try (Domain domain = domain(site, snapshot.vm().toString())) {
            if (domain.state() != DomainState.SHUT_OFF) {
                throw CommandFailed.refused(
                        ErrorCode.VM_STATE,
                        "vm '%s' was not touched: it is not off, and would go on with what it has of its disks in memory"
                                .formatted(snapshot.vmName()),
                        "shut it down ('virsh shutdown'), then try again");
            }
        }
    }

    private String consequence(Snapshot snapshot) {
        return "vm '%s' goes back to snapshot %s of %s; what it has now is %s"
                .formatted(
                        snapshot.vmName(),
                        snapshot.id(),
                        snapshot.takenAt(),
                        withoutSafety ? "lost" : "kept by a snapshot that is taken first");
    }

    private Optional<RevertSnapshot.Safety> safety(Site site, Journal journal) {
        return withoutSafety
                ? Optional.empty()
                : Optional.of(new RevertSnapshot.Safety(
                        new TakeSnapshot(journal, site.machines(), site.clock(), site.timing(), site.interrupted()),
                        newId(),
                        new SnapshotOptions(
                                Optional.empty(),
                                Consistency.CRASH,
                                Set.of(),
                                site.settings().limits().freeze(),
                                site.settings().limits().thaw())));
    }

    private void print(RevertSnapshot.Reverted reverted, Output output) {
        if (json()) {
            output.json(LifeViews.RevertedView.of(reverted));
        } else {
            reverted.safety()
                    .filter(run -> run.state() == RunState.COMPLETED)
                    .ifPresent(run -> output.line("snapshot %s keeps what the machine had"
                            .formatted(run.id().label())));
            reverted.result().job().filter(job -> reverted.result().isDone()).ifPresent(job -> {
                output.line("vm '%s' is back at snapshot %s"
                        .formatted(job.vmName(), job.snapshot().label()));
                job.changes().forEach(change -> output.line("  %s  %s".formatted(change.disk(), change.to())));
            });
        }
        tell(reverted.result().problem(), output);
    }

    /** A safety snapshot that could not be taken ends the revert as it ended itself. */
    private static ExitStatus status(RevertSnapshot.Reverted reverted) {
        Optional<Run> failed = reverted.safety().filter(run -> run.state() != RunState.COMPLETED);
        return failed.map(ExitStatus::of).orElseGet(() -> ExitStatus.of(reverted.result()));
    }
}
