package io.stillframe.orchestrator.cli;

import io.stillframe.db.Snapshot;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code snapshots [VM]}. */
@Command(name = "snapshots", description = "List the snapshots that exist, the newest first.")
final class SnapshotsCommand extends SiteCommand {
    @Parameters(paramLabel = "VM", arity = "0..1", description = "only this machine's, by name or UUID")
    private String vm;

    @Override
    ExitStatus run(Site site, Output output) {
        List<Snapshot> snapshots = journal(site, output, "snapshots", List.of()).snapshots(Optional.ofNullable(vm));
        List<Views.SnapshotView> views =
                snapshots.stream().map(Views.SnapshotView::of).toList();
        if (json()) {
            output.json(new Views.Snapshots(views));
        } else if (views.isEmpty()) {
            output.line(vm == null ? "no snapshots" : "no snapshots of vm '%s'".formatted(vm));
        } else {
            output.table(
                    List.of("SNAPSHOT", "VM", "TAKEN", "CONSISTENCY", "VOLUMES"),
                    views.stream().map(SnapshotsCommand::row).toList());
        }
        return ExitStatus.DONE;
    }

    private static List<String> row(Views.SnapshotView snapshot) {
        return List.of(
                snapshot.id(),
                snapshot.vm(),
                snapshot.takenAt().toString(),
                snapshot.consistency(),
                String.join(
                        " ",
                        snapshot.volumes().stream()
                                .map(volume -> volume.disk() + "=" + volume.snapshot())
                                .toList()));
    }
}
