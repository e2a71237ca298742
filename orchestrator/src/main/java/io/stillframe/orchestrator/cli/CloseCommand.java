package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.life.OpenSnapshot;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code close SNAPSHOT}. */
@Command(name = "close", description = "End what 'open' made. Run again it finds nothing left to close.")
final class CloseCommand extends JobCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = Selection.FORMS)
    private String named;

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journal(site, output, "close", List.of());
        Snapshot snapshot = Selection.of(journal, () -> site.machines().hypervisor(), named);
        return onSettled(site, output, new Settled("close", journal, snapshot), settled -> {
            OpenSnapshot.Views views =
                    new OpenSnapshot(workplace(site, output, journal, OptionalLong.empty())).close(settled);
            if (json()) {
                output.json(LifeViews.ClosedView.of(settled, views));
            } else if (views.problem().isEmpty()) {
                output.line("snapshot %s is closed".formatted(settled.id()));
            }
            tell(views.problem(), output);
            return views.problem().isEmpty() ? ExitStatus.DONE : ExitStatus.REFUSED;
        });
    }
}
