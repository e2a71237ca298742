package io.stillframe.orchestrator.cli;

import io.stillframe.config.Durations;
import io.stillframe.db.Job;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.orchestrator.life.JobWords;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code show RUN|SNAPSHOT|JOB}. */
@Command(
        name = "show",
        description = "Show a run, step by step, and the snapshot it took; or work on a snapshot, with what it makes.")
final class ShowCommand extends SiteCommand {
    private static final Pattern FORM = Pattern.compile("(sf-)?([0-9a-z]{1,12})");

    @Parameters(
            paramLabel = "RUN|SNAPSHOT|JOB",
            description = "a run's, snapshot's or job's id, or an unambiguous beginning of one")
    private String id;

    @Override
    ExitStatus run(Site site, Output output) {
        var form = FORM.matcher(id);
        if (!form.matches()) {
            throw unknown(site);
        }
        Journal journal = journalToLookAt(site, output, "show");
        List<Run> runs = journal.runsLike(form.group(2));
        List<Job> jobs = journal.jobsLike(form.group(2));
        if (runs.isEmpty() && jobs.isEmpty()) {
            throw unknown(site);
        }
        if (runs.size() + jobs.size() > 1) {
            throw CommandFailed.refused(
                    ErrorCode.UNKNOWN_RUN,
                    "more than one run or job begins with '%s'".formatted(id),
                    "give more of the id");
        }
        if (runs.isEmpty()) {
            show(jobs.get(0), output);
        } else {
            show(shown(journal, runs.get(0)), output);
        }
        return ExitStatus.DONE;
    }

    private void show(Views.Shown shown, Output output) {
        if (json()) {
            output.json(shown);
        } else {
            print(shown, output);
        }
    }

    private void show(Job job, Output output) {
        if (json()) {
            output.json(new LifeViews.ShownJob(LifeViews.JobView.of(job)));
            return;
        }
        output.line("job %s  %s  %s".formatted(job.id().value(), job.state(), JobWords.of(job)));
        job.name().ifPresent(name -> output.line("  name  " + name));
        job.changes()
                .forEach(change -> output.line("  %s  %s -> %s (%s, %s)"
                        .formatted(change.disk(), change.from(), change.to(), change.format(), change.driver())));
        output.line("  begun  " + job.startedAt());
        job.endedAt().ifPresent(at -> output.line("  ended  " + at));
        job.error().ifPresent(error -> {
            output.line("  error  " + error.message());
            output.line("  hint   " + error.hint());
        });
    }

    static Views.Shown shown(Journal journal, Run run) {
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
                snapshot.orElse(null),
                journal.groupOf(run.id()).map(Views.GroupView::of).orElse(null));
    }

    private CommandFailed unknown(Site site) {
        return CommandFailed.refused(
                ErrorCode.UNKNOWN_RUN,
                "no run, snapshot or job '%s'".formatted(id),
                "see 'stillframe runs' and 'stillframe snapshots'; " + forgotten(site));
    }

    /** Why something may not be there any more. */
    static String forgotten(Site site) {
        return "what ended more than %s ago may be forgotten (history)"
                .formatted(Durations.print(site.settings().history()));
    }

    private static void print(Views.Shown shown, Output output) {
        new TakenText(output).print(shown.run());
        output.line(
                shown.snapshot() == null
                        ? "  no snapshot"
                        : "  snapshot  " + shown.snapshot().id());
        if (shown.group() != null) {
            new TakenText(output).print(shown.group());
        }
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
