package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.life.OpenSnapshot;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code open SNAPSHOT}. */
@Command(
        name = "open",
        description = "Make a snapshot readable on this host, each disk as a raw image or device that nobody can write "
                + "to. It stays so, and cannot be deleted, until 'close'.")
final class OpenCommand extends JobCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = Selection.FORMS)
    private String named;

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journal(site, output, "open", List.of());
        Snapshot snapshot = Selection.of(journal, () -> site.machines().hypervisor(), named);
        return onSettled(site, output, new Settled("open", journal, snapshot), settled -> {
            OpenSnapshot.Views views =
                    new OpenSnapshot(workplace(site, output, journal, OptionalLong.empty())).open(settled);
            if (json()) {
                output.json(LifeViews.OpenedView.of(settled, views));
            } else {
                views.paths().forEach((disk, path) -> output.line("%s  %s".formatted(disk, path)));
            }
            tell(views.problem(), output);
            return views.problem().isEmpty() ? ExitStatus.DONE : ExitStatus.REFUSED;
        });
    }
}
