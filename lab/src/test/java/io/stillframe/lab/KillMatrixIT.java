package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Interposer.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} of the orchestrator before and after everything it does. Before each call and after the one before it
 * is the same moment, and so is after a call and before its state is journaled.
 */
class KillMatrixIT {
    private static final Duration FREE_WITHIN = Duration.ofSeconds(2);
    private static final int RANDOM_KILLS = 50;

    @TempDir
    private Path directory;

    private Cli cli;
    private LabGuest guest;
    private Interposer interposer;
    private final List<Duration> untilWritten = new ArrayList<>();
    private final Map<String, Integer> ends = new TreeMap<>();

    @BeforeEach
    void start() {
        cli = new Cli(directory);
        guest = LabGuest.up("it-kill", "--disk", "ext4", "--disk", "ext4:raw");
        interposer = new Interposer(cli, directory);
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void killed_at_any_point_it_leaves_a_guest_that_writes_on_and_all_is_put_right() {
        for (Point point : pointsThatChangeSomething()) {
            Tool.Running running = interposer.killedAt(point, "snapshot", guest.name());
            afterTheKillOf(running, point.name());
        }
        report();
        assertThat(ends).containsKeys("ABANDONED", "FAILED", "COMPLETED");
    }

    @Test
    @Tag("long")
    void killed_at_random_moments_it_leaves_a_guest_that_writes_on_and_all_is_put_right() {
        long seed = Long.getLong("stillframe.seed", System.nanoTime());
        System.out.println("seed of the random kills: " + seed);
        Random random = new Random(seed);
        List<Point> points = interposer.points(guest);
        long length = points.get(points.size() - 1).atMillis() - points.get(0).atMillis();
        for (int i = 0; i < RANDOM_KILLS; i++) {
            try (WriteMonitor monitor = new WriteMonitor(guest)) {
                Tool.Running running = cli.startJson("snapshot", guest.name());
                running.runsAfter(Duration.ofMillis(random.nextLong(length * 3 / 2)));
                long killedAt = System.currentTimeMillis();
                running.process().destroyForcibly();
                running.end();
                isFreeSoon(monitor, killedAt, "a random moment");
            }
            new Aftermath(cli, guest).isPutRight();
            count();
        }
        report();
    }

    @Test
    void a_snapshot_right_after_a_kill_puts_the_other_run_right_by_itself() {
        Tool.Running running = interposer.killedAt("StorageDriver.update", "snapshot", guest.name());
        interposer.reached();
        running.end();
        JsonNode run = cli.json("snapshot", guest.name()).exits(0).run();
        assertThat(run.get("state").asString()).isEqualTo("COMPLETED");
        assertThat(run.get("consistency").asString()).isEqualTo("filesystem");
        SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda", "vdb");
        new Aftermath(cli, guest).isRight();
    }

    private void afterTheKillOf(Tool.Running running, String point) {
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            Point reached = interposer.reached();
            running.end();
            isFreeSoon(monitor, reached.atMillis(), point);
        }
        new Aftermath(cli, guest).isPutRight();
        count();
        dataIsWhatItClaims();
    }

    private void isFreeSoon(WriteMonitor monitor, long killedAt, String point) {
        Duration until = monitor.untilEveryDiskIsWritten(killedAt);
        assertThat(until)
                .as("the guest writes again after a kill before %s", point)
                .isLessThan(FREE_WITHIN);
        untilWritten.add(until);
    }

    private void dataIsWhatItClaims() {
        JsonNode run = last();
        if (run.get("state").asString().equals("COMPLETED")) {
            String id = run.get("run").asString();
            JsonNode shown = cli.json("show", id).exits(0).json().get("run");
            assertThat(shown.get("consistency").asString()).isEqualTo("filesystem");
            SnapshotData.isWhatTheGuestHadWritten(guest, shown, "vda", "vdb");
        }
    }

    private void count() {
        ends.merge(last().get("state").asString(), 1, Integer::sum);
    }

    private JsonNode last() {
        return cli.json("runs", guest.name()).exits(0).json().get("runs").get(0);
    }

    /** From the first journaled state on; of the looks at the machine, which change nothing, one. */
    private List<Point> pointsThatChangeSomething() {
        List<Point> points = interposer.points(guest);
        int planned = indexOf(points, "Clock.instant");
        int prepare = indexOf(points, "StorageDriver.prepare");
        List<Point> chosen = new ArrayList<>(List.of(points.get(planned), points.get(planned + 1)));
        chosen.addAll(points.subList(prepare, points.size()));
        return chosen;
    }

    private static int indexOf(List<Point> points, String name) {
        for (int i = 0; i < points.size(); i++) {
            if (points.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new AssertionError("no point %s in %s".formatted(name, points));
    }

    private void report() {
        List<Duration> sorted = untilWritten.stream().sorted().toList();
        System.out.printf(
                "kills: %d; from the kill to the next write on every disk: median %d ms, worst %d ms; ends: %s%n",
                sorted.size(),
                sorted.get(sorted.size() / 2).toMillis(),
                sorted.get(sorted.size() - 1).toMillis(),
                ends);
    }
}
