package io.stillframe.orchestrator.cli;

import io.stillframe.config.Durations;
import io.stillframe.db.Journal;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code prune}. */
@Command(
        name = "prune",
        description =
                "Forget the runs, and the work on snapshots, that have ended longer ago than the history goes back "
                        + "and that no snapshot needs. A daemon does so by itself. No snapshot and no machine is touched.")
final class PruneCommand extends SiteCommand {
    @Option(names = "--dry-run", description = "say how many would go, and touch nothing")
    private boolean dryRun;

    /** @param history how far the history goes back */
    private record PrunedView(String history, Instant before, int runs, int jobs, boolean dryRun) {}

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journalToLookAt(site, output, "prune");
        PruneHistory prune = new PruneHistory(journal, site.timing(), site.interrupted());
        Instant before = before(site);
        PruneHistory.Pruned pruned = dryRun ? prune.planned(before) : site.uninterrupted(() -> prune.of(before));
        if (!pruned.whole()) {
            throw cutShort(site, pruned);
        }
        String history = Durations.print(site.settings().history());
        if (json()) {
            output.json(new PrunedView(history, before, pruned.runs(), pruned.jobs(), dryRun));
        } else {
            output.line("%s %s that ended more than %s ago (before %s)"
                    .formatted(words(pruned), dryRun ? "would go" : "are gone", history, before));
        }
        return ExitStatus.DONE;
    }

    /** What ended before it goes. */
    static Instant before(Site site) {
        return site.clock().instant().minus(site.settings().history());
    }

    static String words(PruneHistory.Pruned pruned) {
        return "%d runs and %d pieces of work on snapshots".formatted(pruned.runs(), pruned.jobs());
    }

    private static CommandFailed cutShort(Site site, PruneHistory.Pruned pruned) {
        String gone = "%s are gone, the rest stays for now: ".formatted(words(pruned));
        return site.interrupted().getAsBoolean()
                ? new CommandFailed(
                        ExitStatus.INTERRUPTED,
                        new Problem(ErrorCode.INTERRUPTED, gone + "it was interrupted", "run it again"))
                : CommandFailed.refused(
                        ErrorCode.VM_STATE,
                        gone + "a run may hold its guest, and nothing else is written meanwhile",
                        "try again later; 'stillframe reconcile' ends a run that was cut short");
    }
}
