package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Interposer.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} of the orchestrator before and after everything it does, on a guest whose disks lie on any storage.
 * Before each call and after the one before it is the same moment, and so is after a call and before its state is
 * journaled.
 */
final class KillMatrix implements AutoCloseable {
    /** How many points are left out, where a matrix that takes hours is taken up again. */
    private static final int PAST = Integer.getInteger("stillframe.points.past", 0);

    private final Cli cli;
    private final Duration freeWithin;
    private final int refusals;
    private final LabGuest guest;
    private final Interposer interposer;
    private final Set<Path> before;
    private final List<Duration> untilWritten = new ArrayList<>();
    private final Map<String, Integer> ends = new TreeMap<>();

    /**
     * Boots the guest.
     *
     * @param freeWithin how long after a kill the guest may write nothing
     * @param refusals how many runs in a row may be refused: where all is emulated an agent answers too late now and then
     * @param disks as {@code lab/guest up --disk} takes them
     */
    KillMatrix(Path directory, Cli cli, Duration freeWithin, int refusals, String... disks) {
        this.cli = cli;
        this.freeWithin = freeWithin;
        this.refusals = refusals;
        this.interposer = new Interposer(cli, directory);
        this.guest = LabGuest.up(
                "kill",
                Arrays.stream(disks).flatMap(disk -> Stream.of("--disk", disk)).toArray(String[]::new));
        this.before = guest.storage();
    }

    /** From the first journaled state on; of the looks at the machine, which change nothing, one. */
    List<Point> pointsThatChangeSomething() {
        List<Point> points = interposer.points(guest);
        int planned = indexOf(points, "Clock.instant");
        int prepare = indexOf(points, "StorageDriver.prepare");
        List<Point> chosen = new ArrayList<>(List.of(points.get(planned), points.get(planned + 1)));
        chosen.addAll(points.subList(prepare, points.size()));
        return chosen;
    }

    /** Before and after each call to a driver, from the first that has an effect. */
    List<Point> pointsAroundTheStorage() {
        return pointsAround(interposer.points(guest), "StorageDriver\\..*");
    }

    /** The first and the last, and those around the freeze, the pause, and each call to a driver that has an effect. */
    List<Point> pointsAroundTheWindow() {
        List<Point> points = interposer.points(guest);
        int planned = indexOf(points, "Clock.instant");
        Set<Point> chosen = new LinkedHashSet<>(points.subList(planned, planned + 2));
        chosen.addAll(pointsAround(points, "StorageDriver\\..*|GuestAgent\\.freeze|Domain\\.suspend|Domain\\.resume"));
        chosen.add(points.get(points.size() - 1));
        return List.copyOf(chosen);
    }

    private static List<Point> pointsAround(List<Point> points, String names) {
        Set<Point> chosen = new LinkedHashSet<>();
        for (int i = indexOf(points, "StorageDriver.prepare"); i < points.size() - 1; i++) {
            if (points.get(i).name().matches(names)) {
                chosen.addAll(points.subList(i, i + 2));
            }
        }
        return List.copyOf(chosen);
    }

    /** Kills a snapshot of its own before each of these points. */
    void killsBefore(List<Point> points) {
        for (Point point : points.subList(PAST, points.size())) {
            long begin = System.nanoTime();
            for (int refused = 0; !isKilledBefore(point); refused++) {
                assertThat(refused).as("runs in a row that were refused").isLessThan(refusals);
                new Aftermath(cli, guest, before).isPutRight();
            }
            long free = System.nanoTime();
            isPutRight();
            long right = System.nanoTime();
            String state = last().get("state").asString();
            if (state.equals("COMPLETED")) {
                isWhatItClaims(shown(last()));
            }
            System.out.printf(
                    "killed before %s, %s: free after %d s, right after %d more, looked at for %d%n",
                    point.name(), state, seconds(begin, free), seconds(free, right), seconds(right, System.nanoTime()));
        }
        report();
        if (PAST == 0) {
            assertThat(ends).containsKeys("ABANDONED", "FAILED", "COMPLETED");
        }
    }

    /** Kills one there; not where it was refused before it came there, its guest untouched or not frozen. */
    private boolean isKilledBefore(Point point) {
        Tool.Running running = interposer.killedAt(point, "snapshot", guest.name());
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            Optional<Point> reached = interposer.reachedUnlessEnded();
            if (reached.isPresent()) {
                running.end();
                isFreeSoon(monitor, reached.get().atMillis(), point.name());
                return true;
            }
        }
        String why = Cli.await(running).run().get("error").get("message").asString();
        System.out.printf("not killed before %s: %s%n", point.name(), why);
        assertThat(why).containsPattern("was not (touched: agent|frozen): ");
        return false;
    }

    /** Kills snapshots at moments between their first point and half as long again as they take. */
    void killsAtRandom(int kills) {
        long seed = Long.getLong("stillframe.seed", System.nanoTime());
        System.out.println("seed of the random kills: " + seed);
        Random random = new Random(seed);
        List<Point> points = interposer.points(guest);
        long length = points.get(points.size() - 1).atMillis() - points.get(0).atMillis();
        for (int i = 0; i < kills; i++) {
            try (WriteMonitor monitor = new WriteMonitor(guest)) {
                Tool.Running running = cli.startJson("snapshot", guest.name());
                running.runsAfter(Duration.ofMillis(random.nextLong(length * 3 / 2)));
                long killedAt = System.currentTimeMillis();
                running.process().destroyForcibly();
                running.end();
                isFreeSoon(monitor, killedAt, "a random moment");
            }
            isPutRight();
        }
        report();
    }

    /** Kills one within the window, and has the next one put it right by itself. */
    void theNextSnapshotPutsItRight() {
        Tool.Running running = interposer.killedAt("StorageDriver.update", "snapshot", guest.name());
        interposer.reached();
        running.end();
        JsonNode run = cli.json("snapshot", guest.name()).exits(0).run();
        assertThat(run.get("state").asString()).isEqualTo("COMPLETED");
        isWhatItClaims(run);
        new Aftermath(cli, guest, before).isRight();
    }

    private static long seconds(long from, long to) {
        return Duration.ofNanos(to - from).toSeconds();
    }

    private void isFreeSoon(WriteMonitor monitor, long killedAt, String point) {
        Duration until = monitor.untilEveryDiskIsWritten(killedAt);
        assertThat(until)
                .as("the guest writes again after a kill before %s", point)
                .isLessThan(freeWithin);
        untilWritten.add(until);
    }

    private void isPutRight() {
        new Aftermath(cli, guest, before).isPutRight();
        ends.merge(last().get("state").asString(), 1, Integer::sum);
    }

    /** What lies on volumes is looked at as a user would, and removed: they have no room for all of them. */
    private void isWhatItClaims(JsonNode run) {
        assertThat(run.get("consistency").asString()).isEqualTo("filesystem");
        boolean images = run.get("volumes")
                .valueStream()
                .allMatch(volume -> volume.get("driver").asString().equals("qcow2"));
        if (images) {
            String[] disks =
                    guest.disks().stream().map(LabGuest.LabDisk::target).toArray(String[]::new);
            SnapshotData.isWhatTheGuestHadWritten(guest, run, disks);
        } else {
            String id = "sf-" + run.get("run").asString();
            SnapshotData.asOpened(cli, guest, id);
            cli.json("delete", id, "--yes").exits(0);
        }
    }

    private JsonNode last() {
        return cli.json("runs", guest.name()).exits(0).json().get("runs").get(0);
    }

    private JsonNode shown(JsonNode run) {
        return cli.json("show", run.get("run").asString()).exits(0).json().get("run");
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

    @Override
    public void close() {
        guest.close();
    }
}
