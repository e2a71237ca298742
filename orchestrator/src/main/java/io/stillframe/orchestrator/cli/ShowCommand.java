package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code show RUN|SNAPSHOT}. */
@Command(name = "show", description = "Show a run, step by step, and the snapshot it took.")
final class ShowCommand extends SiteCommand {
    private static final Pattern FORM = Pattern.compile("(sf-)?([0-9a-z]{1,12})");

    @Parameters(
            paramLabel = "RUN|SNAPSHOT",
            description = "a run's or snapshot's id, or an unambiguous beginning of one")
    private String id;

    @Override
    ExitStatus run(Site site, Output output) {
        var form = FORM.matcher(id);
        if (!form.matches()) {
            throw unknown();
        }
        Views.Shown shown = shown(journal(site, output, "show", List.of()), form.group(2));
        if (json()) {
            output.json(shown);
        } else {
            print(shown, output);
        }
        return ExitStatus.DONE;
    }

    private Views.Shown shown(Journal journal, String prefix) {
        List<Run> runs = journal.runsLike(prefix);
        if (runs.isEmpty()) {
            throw unknown();
        }
        if (runs.size() > 1) {
            throw CommandFailed.refused(
                    ErrorCode.UNKNOWN_RUN, "more than one run begins with '%s'".formatted(id), "give more of the id");
        }
        Run run = runs.get(0);
        Optional<Views.SnapshotView> snapshot = journal
                .snapshots(Optional.of(run.vm().toString()))
                .stream()
                .filter(of -> of.run().equals(run.id()))
                .findFirst()
                .map(Views.SnapshotView::of);
        return new Views.Shown(
                Views.TakenView.of(run, journal.evidence(run.id()), journal.volumes(run.id())),
                journal.transitions(run.id()).stream()
                        .map(Views.TransitionView::of)
                        .toList(),
                snapshot.orElse(null));
    }

    private CommandFailed unknown() {
        return CommandFailed.refused(
                ErrorCode.UNKNOWN_RUN,
                "no run or snapshot '%s'".formatted(id),
                "see 'stillframe runs' and 'stillframe snapshots'");
    }

    private static void print(Views.Shown shown, Output output) {
        new TakenText(output).print(shown.run());
        output.line(
                shown.snapshot() == null
                        ? "  no snapshot"
                        : "  snapshot  " + shown.snapshot().id());
        Instant start = shown.transitions().get(0).at();
        shown.transitions()
                .forEach(transition -> output.line(String.format(
                        Locale.ROOT,
                        "  %10.1f ms  %s",
                        Views.millis(Duration.between(start, transition.at())),
                        transition.state())));
        if (shown.run().error() != null) {
            output.line("  error  " + shown.run().error().message());
            output.line("  hint   " + shown.run().error().hint());
        }
    }
}
