package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.life.CloneSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code clone SNAPSHOT [--name NEW]}. */
@Command(
        name = "clone",
        description = "Make new, writable volumes of a snapshot and, with --name, a machine of them. The snapshot and "
                + "its machine stay as they are.")
final class CloneCommand extends JobCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = Selection.FORMS)
    private String named;

    @Option(
            names = "--name",
            paramLabel = "NEW",
            description =
                    "define a machine of this name on the volumes, with an identity and MAC addresses of its own; "
                            + "it is not started")
    private String name;

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journal(site, output, "clone", List.of());
        Snapshot snapshot = Selection.of(journal, () -> site.machines().hypervisor(), named);
        return onSettled(site, output, new Settled("clone", journal, snapshot), settled -> {
            CloneSnapshot clone = new CloneSnapshot(workplace(site, output, journal, OptionalLong.empty()));
            CloneSnapshot.Cloned cloned = clone.of(settled, newId(), Optional.ofNullable(name));
            print(cloned, output);
            return ExitStatus.of(cloned.result());
        });
    }

    private void print(CloneSnapshot.Cloned cloned, Output output) {
        LifeViews.ClonedView view = LifeViews.ClonedView.of(cloned);
        if (json()) {
            output.json(view);
        } else if (cloned.result().isDone()) {
            view.volumes()
                    .forEach(volume ->
                            output.line("%s  %s (%s)".formatted(volume.disk(), volume.path(), volume.format())));
            if (view.vm() != null) {
                output.line("vm '%s' (%s) is defined on them and not started".formatted(view.vm(), view.uuid()));
            }
            view.remarks().forEach(remark -> output.line("  " + remark));
        }
        tell(cloned.result().problem(), output);
    }
}
