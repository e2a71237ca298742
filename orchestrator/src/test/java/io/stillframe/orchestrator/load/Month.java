package io.stillframe.orchestrator.load;

import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The benchmark: a month of the journal on a virtual clock, then the daemon on that journal in real time.
 *
 * <p>Arguments: a directory that is empty, and {@code large} or {@code small}.
 */
final class Month {
    private static final int LOOKS = 20;

    private final Path directory;
    private final Scale scale;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);

    private Month(Path directory, Scale scale) {
        this.directory = directory;
        this.scale = scale;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        long since = System.nanoTime();
        new Month(Path.of(args[0]), args[1].equals("small") ? Scale.SMALL : Scale.LARGE).run();
        say("the benchmark took %.0f s", seconds(Duration.ofNanos(System.nanoTime() - since)));
    }

    private void run() throws IOException, InterruptedException {
        Path config = directory.resolve("stillframe.yaml");
        Map<String, Policy> policies = scale.policies(config);
        RunRecord model = model();
        say(
                "%d machines, a policy each, hourly, keep: hourly 24, daily 7; a run leaves %d states, %d items of evidence",
                scale.machines(), model.transitions().size(), model.evidence().size());
        journal(policies, model);
        daemon(scale.firing(config));
    }

    /** One run by the program itself; all others are written after it. */
    private RunRecord model() throws IOException, InterruptedException {
        Path of = Files.createDirectory(directory.resolve("model"));
        Files.writeString(of.resolve("stillframe.yaml"), "");
        HostProcess.start(of, scale.machines(), "snapshot", "m00001").await();
        try (Journal journal = Journal.open(of.resolve("state"))) {
            return RunRecord.of(journal);
        }
    }

    private void journal(Map<String, Policy> policies, RunRecord model) throws IOException {
        Path state = Files.createDirectory(directory.resolve("state"));
        Instant begin = now.minus(scale.month());
        Instant lived = now.minus(scale.lived());
        try (MonthJournal month = new MonthJournal(state, policies, model)) {
            long since = System.nanoTime();
            month.fill(begin, lived);
            say(
                    "journal, virtual time: what is left of the %.1f days before the last %.0f h is written: %d runs in %.0f s",
                    scale.month().minus(scale.lived()).toHours() / 24.0,
                    (double) scale.lived().toHours(),
                    month.runs(),
                    seconds(Duration.ofNanos(System.nanoTime() - since)));
            month.reopen();
            say("  compacted: %s", mebibytes(month.bytes()));
            live(month, lived);
            month.reopen();
            say("  compacted: %s; before that it never had more than %s",
                    mebibytes(month.bytes()), mebibytes(month.largest()));
            say("  opened %d times, with compaction where it was worn: the longest took %.1f s",
                    month.openings().size(),
                    seconds(month.openings().stream().max(Comparator.naturalOrder()).orElseThrow()));
        }
    }

    private void live(MonthJournal month, Instant begin) {
        int parts = 6;
        Duration part = scale.lived().dividedBy(parts);
        for (int i = 0; i < parts; i++) {
            long since = System.nanoTime();
            long runs = month.runs();
            Instant from = begin.plus(part.multipliedBy(i));
            month.live(from, from.plus(part));
            say(
                    "  lived %5.1f h: %7d runs and %7d removals so far, %s; a run and its removal took %.2f ms",
                    part.multipliedBy(i + 1L).toMinutes() / 60.0,
                    month.runs(),
                    month.removals(),
                    mebibytes(month.bytes()),
                    seconds(Duration.ofNanos(System.nanoTime() - since)) * 1000 / Math.max(1, month.runs() - runs));
        }
    }

    private void daemon(Map<String, Policy> policies) throws IOException, InterruptedException {
        HostProcess daemon = HostProcess.start(directory, scale.machines(), "daemon");
        Instant started = Instant.now();
        daemon.awaitTold("policies: ");
        // what is planned by then begins as planned
        Instant begin = Instant.now().plus(Duration.ofSeconds(10));
        say("daemon, real time: ready after %.1f s", seconds(Duration.between(started, Instant.now())));
        daemon.runFor(Duration.between(Instant.now(), begin));
        daemon.runFor(scale.real().dividedBy(2));
        List<String> answers = answers(daemon);
        Duration left = Duration.between(Instant.now(), begin.plus(scale.real()));
        daemon.runFor(left.isNegative() ? Duration.ZERO : left);
        Instant end = Instant.now();
        // what is late yet may still begin
        daemon.runFor(Duration.ofSeconds(5));
        daemon.end();
        try (Journal journal = Journal.open(directory.resolve("state"))) {
            List<Run> runs = journal.newestRuns(100_000).stream()
                    .filter(run -> !run.startedAt().isBefore(begin))
                    .toList();
            report(Firings.between(begin, end, policies, runs));
        }
        say("  heap: %s at most, garbage included, of 256 MiB", mebibytes(daemon.heapBytes()));
        answers.forEach(Month::say);
    }

    private static void report(Firings firings) {
        say(
                "  runs begun: %d, missing: %d; late by, from the moment that jitter puts a run off to until it is journaled as begun: median %.0f ms, p99 %.0f ms, worst %.0f ms",
                firings.late().size(),
                firings.missing(),
                seconds(firings.quantile(0.5)) * 1000,
                seconds(firings.quantile(0.99)) * 1000,
                seconds(firings.quantile(1)) * 1000);
    }

    /** While the daemon works. */
    private static List<String> answers(HostProcess daemon) throws IOException {
        List<String> answers = new ArrayList<>();
        for (String path : List.of("/v1/runs", "/v1/runs?vm=m00007", "/v1/snapshots", "/v1/snapshots?vm=m00007")) {
            List<Duration> took = new ArrayList<>();
            Duration first = daemon.get(path);
            for (int i = 0; i < LOOKS; i++) {
                took.add(daemon.get(path));
            }
            took.sort(Comparator.naturalOrder());
            answers.add(String.format(
                    Locale.ROOT,
                    "  GET %-24s median %5.0f ms, worst %5.0f ms of %d; the first %5.0f ms",
                    path,
                    seconds(took.get(LOOKS / 2)) * 1000,
                    seconds(took.get(LOOKS - 1)) * 1000,
                    LOOKS,
                    seconds(first) * 1000));
        }
        return answers;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.0f MiB", bytes / 1048576.0);
    }

    private static void say(String text, Object... values) {
        System.out.println(values.length == 0 ? text : String.format(Locale.ROOT, text, values));
    }
}
