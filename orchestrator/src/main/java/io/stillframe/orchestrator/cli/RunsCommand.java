package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code runs [VM]}. */
@Command(name = "runs", description = "List the runs, the newest first.")
final class RunsCommand extends SiteCommand {
    @Parameters(paramLabel = "VM", arity = "0..1", description = "only this machine's, by name or UUID")
    private String vm;

    @Mixin
    private final Newest newest = new Newest();

    @Override
    ExitStatus run(Site site, Output output) {
        int limit = newest.limit();
        Journal journal = journalToLookAt(site, output, "runs");
        List<Views.RunView> views = (vm == null ? journal.newestRuns(limit) : journal.runs(Optional.of(vm)))
                .stream().map(Views.RunView::of).toList();
        if (json()) {
            output.json(new Views.Runs(views));
        } else if (views.isEmpty()) {
            output.line(vm == null ? "no runs" : "no runs of vm '%s'; %s".formatted(vm, ShowCommand.forgotten(site)));
        } else {
            output.table(
                    List.of("RUN", "VM", "STATE", "STARTED", "CONSISTENCY", "FROZEN"),
                    views.stream().map(RunsCommand::row).toList());
        }
        if (vm == null) {
            newest.complain("runs", views.size(), output);
        }
        return ExitStatus.DONE;
    }

    private static List<String> row(Views.RunView run) {
        return List.of(
                run.run(),
                run.vm(),
                run.state(),
                run.startedAt().toString(),
                run.consistency() == null ? "-" : run.consistency(),
                run.windowMillis() == null ? "-" : String.format(Locale.ROOT, "%.1f ms", run.windowMillis()));
    }
}
