package io.stillframe.orchestrator.cli;

import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.orchestrator.life.DeleteSnapshot;
import io.stillframe.orchestrator.life.JobResult;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code delete SNAPSHOT...}. */
@Command(
        name = "delete",
        description = "Delete snapshots, the newest first, and stop at the first that cannot be. The moments before "
                + "and after them stay, and the machine may run. On a terminal it asks before it deletes several, or a "
                + "machine's newest good one.")
final class DeleteCommand extends JobCommand {
    @Parameters(paramLabel = "SNAPSHOT", arity = "1..*", description = Selection.FORMS)
    private List<String> named;

    @Option(
            names = "--rate",
            paramLabel = "BYTES/s",
            converter = RateOption.class,
            description =
                    "how fast at most data is moved for it, such as 50MiB/s; not for what a later command finishes after "
                            + "an interruption")
    private Long rate;

    @Option(
            names = "--forget",
            description =
                    "remove nothing but the record, of a machine that is no more: its volumes stay where they are, and "
                            + "are nobody's from then on")
    private boolean forget;

    @Option(names = "--yes", description = "do not ask")
    private boolean yes;

    private Optional<List<String>> confirmed = Optional.empty();

    @Override
    boolean asks() {
        return !yes;
    }

    @Override
    Optional<String> question(Site site, Output output) {
        if (!site.terminal().canAsk()) {
            return Optional.empty();
        }
        Journal journal = journal(site, output, "delete", List.of());
        List<Snapshot> snapshots = newestFirst(site, journal);
        confirmed = Optional.of(snapshots.stream().map(Snapshot::id).toList());
        return reasonToAsk(journal, snapshots);
    }

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journal(site, output, "delete", List.of());
        List<Snapshot> snapshots = newestFirst(site, journal);
        List<String> ids = snapshots.stream().map(Snapshot::id).toList();
        if (confirmed.filter(asked -> !asked.equals(ids)).isPresent()) {
            throw Confirmation.outdated();
        }
        List<Deleted> deleted = new ArrayList<>();
        for (Snapshot snapshot : snapshots) {
            boolean stopped = deleted.stream().anyMatch(of -> of.status() != ExitStatus.DONE);
            deleted.add(stopped ? Deleted.notTried(snapshot) : delete(site, output, journal, snapshot));
        }
        print(deleted, output);
        return ExitStatus.gravest(deleted.stream().map(Deleted::status).toList());
    }

    /** All that are named, each once; an unknown one and nothing is touched. What lies on another goes before it. */
    private List<Snapshot> newestFirst(Site site, Journal journal) {
        Map<String, Snapshot> snapshots = new LinkedHashMap<>();
        named.forEach(name -> {
            Snapshot snapshot = Selection.of(journal, () -> site.machines().hypervisor(), name);
            snapshots.put(snapshot.id(), snapshot);
        });
        return snapshots.values().stream()
                .sorted(Comparator.comparing(Snapshot::takenAt).reversed())
                .toList();
    }

    private static Optional<String> reasonToAsk(Journal journal, List<Snapshot> snapshots) {
        String ids = snapshots.stream().map(Snapshot::id).collect(Collectors.joining(", "));
        if (snapshots.size() > 1) {
            return Optional.of("%d snapshots are deleted: %s".formatted(snapshots.size(), ids));
        }
        Snapshot only = snapshots.get(0);
        boolean newestGood = journal.snapshots(Optional.of(only.vm().toString())).stream()
                .filter(DeleteCommand::isGood)
                .findFirst()
                .filter(newest -> newest.run().equals(only.run()))
                .isPresent();
        return newestGood
                ? Optional.of("the newest consistent snapshot of vm '%s' is deleted: %s".formatted(only.vmName(), ids))
                : Optional.empty();
    }

    private static boolean isGood(Snapshot snapshot) {
        return snapshot.state() == SnapshotState.PRESENT
                && snapshot.consistency().atLeast(Consistency.FILESYSTEM);
    }

    private Deleted delete(Site site, Output output, Journal journal, Snapshot snapshot) {
        OptionalLong bytesPerSecond = rate == null ? OptionalLong.empty() : OptionalLong.of(rate);
        List<Deleted> ended = new ArrayList<>();
        try {
            onSettled(
                    site,
                    output,
                    new Settled("delete", journal, snapshot),
                    settled -> {
                        DeleteSnapshot delete = new DeleteSnapshot(workplace(site, output, journal, bytesPerSecond));
                        ended.add(Deleted.of(
                                settled, forget ? delete.forget(settled, newId()) : delete.of(settled, newId())));
                        return ExitStatus.DONE;
                    },
                    () -> {
                        // what an earlier process had begun was finished just now
                        ended.add(new Deleted(snapshot, ExitStatus.DONE, Optional.empty(), Optional.empty()));
                        return ExitStatus.DONE;
                    });
            return ended.get(0);
        } catch (CommandFailed e) {
            return new Deleted(snapshot, e.status(), Optional.empty(), Optional.of(e.problem()));
        }
    }

    private void print(List<Deleted> deleted, Output output) {
        if (json()) {
            output.json(new LifeViews.DeletedViews(
                    deleted.stream().map(Deleted::view).toList()));
        } else {
            deleted.stream()
                    .filter(of -> of.status() == ExitStatus.DONE)
                    .forEach(of -> output.line("snapshot %s of vm '%s' is %s"
                            .formatted(of.snapshot().id(), of.snapshot().vmName(), forget ? left(of) : "deleted")));
        }
        deleted.forEach(of -> tell(of.problem(), output));
    }

    private static String left(Deleted forgotten) {
        return forgotten.snapshot().volumes().stream()
                .map(volume -> volume.disk() + " " + volume.snapshot())
                .collect(Collectors.joining(", ", "forgotten, and left where it is: ", ""));
    }

    /** What came of one snapshot. */
    record Deleted(Snapshot snapshot, ExitStatus status, Optional<JobResult> result, Optional<Problem> problem) {
        static Deleted of(Snapshot snapshot, JobResult result) {
            return new Deleted(snapshot, ExitStatus.of(result), Optional.of(result), result.problem());
        }

        static Deleted notTried(Snapshot snapshot) {
            return new Deleted(
                    snapshot,
                    ExitStatus.REFUSED,
                    Optional.empty(),
                    Optional.of(new Problem(
                            ErrorCode.NOT_TRIED,
                            "snapshot %s of vm '%s' was not touched: one before it could not be deleted"
                                    .formatted(snapshot.id(), snapshot.vmName()),
                            "mend that, then delete it again")));
        }

        LifeViews.DeletedView view() {
            return LifeViews.DeletedView.of(
                    snapshot, status == ExitStatus.DONE, result.flatMap(JobResult::job), problem);
        }
    }
}
