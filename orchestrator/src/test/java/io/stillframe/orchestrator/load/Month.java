package io.stillframe.orchestrator.load;

import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalCopies;
import io.stillframe.db.Run;
import io.stillframe.guest.DomainId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The benchmark: some machines live a month on a virtual clock, all others have had the same month, and the daemon runs on
 * that journal in real time.
 *
 * <p>Arguments: a directory that is empty, machines, those with a past, days, and the minutes of real time.
 */
final class Month {
    private static final int LOOKS = 20;
    private static final Duration OPENING = Duration.ofMinutes(10);
    private static final Duration CATCHING_UP = Duration.ofMinutes(1);
    private static final String JOURNAL = "journal.mv.db";
    private static final String SCHEDULE = "schedule/schedule.mv.db";
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

    private final Path directory;
    private final Scale scale;
    /** The last full hour: all that was due by then is done. */
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.HOURS);

    private final Report report = new Report();

    private Month(Path directory, Scale scale) {
        this.directory = directory;
        this.scale = scale;
    }

    public static void main(String[] args) throws IOException, InterruptedException, SQLException {
        Scale scale = new Scale(
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                Duration.ofMinutes(Integer.parseInt(args[4])));
        new Month(Path.of(args[0]), scale).run();
    }

    private void run() throws IOException, InterruptedException, SQLException {
        long since = System.nanoTime();
        Path config = directory.resolve("stillframe.yaml");
        Map<String, Policy> policies = scale.policies(config);
        RunRecord model = model();
        report.host();
        report.say(
                "machines, each with an hourly policy of its own, jitter 1m, keep " + Scale.KEEP + ", history 1d",
                String.valueOf(scale.machines()));
        report.say(
                "what a run leaves in the journal",
                "%d states, %d items of evidence"
                        .formatted(model.transitions().size(), model.evidence().size()));
        Files.createDirectory(directory.resolve("state"));
        grow(policies, model);
        fill();
        daemon(scale.firing(config));
        report.say("the benchmark took", Report.seconds(Report.since(since)));
    }

    /** One run by the program itself; all others are written after it. */
    private RunRecord model() throws IOException, InterruptedException {
        Path of = Files.createDirectory(directory.resolve("model"));
        Files.writeString(of.resolve("stillframe.yaml"), "");
        HostProcess.start(of, 1, "snapshot", SimulatedMachines.name(1)).await();
        try (Journal journal = Journal.open(of.resolve("state"))) {
            return RunRecord.of(journal);
        }
    }

    private void grow(Map<String, Policy> policies, RunRecord model) {
        report.part(
                "growth, in virtual time: %d machines live %d days run by run".formatted(scale.lived(), scale.days()));
        List<Policy> lived = IntStream.rangeClosed(1, scale.lived())
                .mapToObj(number -> policies.get(SimulatedMachines.name(number)))
                .toList();
        Set<Integer> told = new TreeSet<>(List.of(1, 7, 14, 21, scale.days()).stream()
                .filter(day -> day <= scale.days())
                .toList());
        try (MonthJournal month = new MonthJournal(directory.resolve("state"), lived, model)) {
            long since = System.nanoTime();
            Instant begin = now.minus(Duration.ofDays(scale.days()));
            for (int day = 1; day <= scale.days(); day++) {
                Instant today = begin.plus(Duration.ofDays(day));
                month.live(today.minus(Duration.ofDays(1)), today);
                int pruned = month.prune(today.minus(Scale.HISTORY));
                if (told.contains(day)) {
                    long before = month.bytes();
                    month.reopen();
                    report.say(
                            "after day " + day,
                            "%s, before it was closed %s; %s; pruned that day: %d"
                                    .formatted(
                                            Report.mebibytes(month.bytes()),
                                            Report.mebibytes(before),
                                            month.contents(),
                                            pruned));
                }
            }
            report.say(
                    "a run and what it removes took",
                    "%.2f ms, %d runs, %d removals"
                            .formatted(
                                    Report.since(since).toNanos() / 1e6 / month.runs(),
                                    month.runs(),
                                    month.removals()));
        }
    }

    private void fill() throws IOException, SQLException {
        report.part("fill: what that month has left of one machine is copied for %d"
                .formatted(scale.filled() - scale.lived()));
        Path state = directory.resolve("state");
        long since = System.nanoTime();
        try (JournalCopies copies = JournalCopies.into(state)) {
            for (int number = scale.lived() + 1; number <= scale.filled(); number++) {
                DomainId of = SimulatedMachines.id(SimulatedMachines.name(1 + number % scale.lived()));
                DomainId to = SimulatedMachines.id(SimulatedMachines.name(number));
                copies.copy(of.uuid(), of.name(), to.uuid(), to.name(), prefix(number), shift(number));
            }
        }
        report.say("written in bulk", Report.seconds(Report.since(since)) + ", " + Report.mebibytes(size(JOURNAL)));
        since = System.nanoTime();
        try (Journal journal = Journal.open(state)) {
            report.say("opened, compacted where that is worth it", Report.seconds(Report.since(since)));
            report.say(
                    "full",
                    "%s; %d runs, %d snapshots"
                            .formatted(
                                    Report.mebibytes(size(JOURNAL)),
                                    journal.newestRuns(Integer.MAX_VALUE).size(),
                                    journal.newestSnapshots(Integer.MAX_VALUE).size()));
        }
        report.load();
    }

    private static String prefix(int number) {
        return RunRecord.COPIED
                + DIGITS.charAt(number >> 10)
                + DIGITS.charAt(number >> 5 & 31)
                + DIGITS.charAt(number & 31);
    }

    /** To the minute that its own policy has, but never into the future. */
    private int shift(int number) {
        int minute = Scale.minute(number);
        return now.plus(Duration.ofMinutes(minute)).isAfter(Instant.now()) ? minute - 60 : minute;
    }

    private long size(String file) throws IOException {
        return Files.size(directory.resolve("state").resolve(file));
    }

    private void daemon(Map<String, Policy> policies) throws IOException, InterruptedException {
        report.part("daemon, in real time: %d min%s"
                .formatted(
                        scale.real().toMinutes(),
                        scale.everyMinute() ? ", due every minute instead of every hour" : ""));
        Duration first = ready();
        long since = System.nanoTime();
        HostProcess daemon = HostProcess.start(directory, scale.machines(), "daemon");
        daemon.awaitServing(OPENING);
        report.say(
                "serving after",
                "%s; with a schedule to be made before, %s"
                        .formatted(Report.seconds(Report.since(since)), Report.seconds(first)));
        long journal = size(JOURNAL);
        long schedule = size(SCHEDULE);
        // what was due before it was there is caught up first
        daemon.runFor(CATCHING_UP);
        Instant begin = Instant.now();
        daemon.runFor(scale.real().dividedBy(2));
        answers(daemon);
        Duration left = Duration.between(Instant.now(), begin.plus(scale.real()));
        daemon.runFor(left.isNegative() ? Duration.ZERO : left);
        Instant end = Instant.now();
        report.load();
        long journalGrew = size(JOURNAL) - journal;
        long scheduleGrew = size(SCHEDULE) - schedule;
        // what is late yet may still begin
        daemon.runFor(Duration.ofSeconds(5));
        HostProcess.Heap heap = daemon.heap();
        daemon.end();
        report.say(
                "heap in use",
                "%s at most after a collection, %s with garbage, limit %s"
                        .formatted(
                                Report.mebibytes(heap.collected()), Report.mebibytes(heap.peak()), HostProcess.HEAP));
        since = System.nanoTime();
        try (Journal again = Journal.open(directory.resolve("state"))) {
            report.say("journal opened again after", Report.seconds(Report.since(since)));
            List<Run> runs = again.newestRuns(100_000).stream()
                    .filter(run -> !run.startedAt().isBefore(begin))
                    .toList();
            grew("journal", journal, journalGrew, runs.size());
            grew("schedule", schedule, scheduleGrew, runs.size());
            late(Firings.between(begin, end, policies, runs));
        }
    }

    /** A daemon that has a schedule by the time it ends; how long it took to make it. */
    private Duration ready() throws IOException, InterruptedException {
        long since = System.nanoTime();
        HostProcess daemon = HostProcess.start(directory, scale.machines(), "daemon");
        daemon.awaitServing(OPENING);
        Duration took = Report.since(since);
        daemon.end();
        return took;
    }

    private void grew(String file, long before, long grew, int runs) {
        report.say(
                file + "'s file",
                "%s at first, and %.0f kB more with every run"
                        .formatted(Report.mebibytes(before), grew / 1000.0 / Math.max(1, runs)));
    }

    private void late(Firings firings) {
        report.say("runs begun", "%d, missing %d".formatted(firings.late().size(), firings.missing()));
        if (firings.late().isEmpty()) {
            return;
        }
        report.say(
                "begun late by, from the end of the jitter to the journal's entry (asked: p99 below 1 s)",
                "p50 %s, p99 %s, worst %s"
                        .formatted(
                                Report.millis(firings.quantile(0.5)),
                                Report.millis(firings.quantile(0.99)),
                                Report.millis(firings.quantile(1))));
    }

    /** While the daemon works. */
    private void answers(HostProcess daemon) throws IOException {
        String vm = SimulatedMachines.name(Math.min(7, scale.machines()));
        for (String path : List.of("/v1/runs", "/v1/runs?vm=" + vm, "/v1/snapshots", "/v1/snapshots?vm=" + vm)) {
            Duration first = daemon.get(path).took();
            List<Duration> took = new ArrayList<>();
            for (int i = 0; i < LOOKS; i++) {
                took.add(daemon.get(path).took());
            }
            took.sort(Comparator.naturalOrder());
            report.say(
                    "GET " + path + " (asked: below 300 ms)",
                    "p50 %s, worst of %d %s, the first %s"
                            .formatted(
                                    Report.millis(took.get(LOOKS / 2)),
                                    LOOKS,
                                    Report.millis(took.get(LOOKS - 1)),
                                    Report.millis(first)));
        }
    }
}
