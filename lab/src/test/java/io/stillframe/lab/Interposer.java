package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Runs the command line with something between it and the world that acts at a chosen point: see {@code Interposed}.
 */
final class Interposer {
    private final Cli cli;
    private final Path log;
    private Optional<Tool.Running> last = Optional.empty();
    private boolean stops;

    Interposer(Cli cli, Path directory) {
        this.cli = cli;
        this.log = directory.resolve("interposed");
    }

    /**
     * A call that a run makes, or a look at the clock before a state is journaled.
     *
     * @param acted whether something was done there
     */
    record Point(int number, String name, long atMillis, boolean acted) {
        static Point of(String line) {
            String[] words = line.split(" ", -1);
            return new Point(Integer.parseInt(words[0]), words[1], Long.parseLong(words[3]), !words[4].isEmpty());
        }
    }

    /** The points of an undisturbed snapshot. */
    List<Point> points(LabGuest guest) {
        return points("snapshot", guest.name());
    }

    /** The points of an undisturbed command. */
    List<Point> points(String... command) {
        Cli.await(start("list", "none", command)).exits(0);
        return passed();
    }

    /** Starts a command that is killed before a point. */
    Tool.Running killedAt(Point point, String... command) {
        return start("kill", String.valueOf(point.number()), command);
    }

    /** Starts a command that is killed before the first point of a name. */
    Tool.Running killedAt(String point, String... command) {
        return start("kill", point, command);
    }

    /** Starts a command that stops itself before a point. */
    Tool.Running stoppedAt(String point, String... command) {
        return start("stop", point, command);
    }

    /** Starts a command that waits before a point until {@link #go}. */
    Tool.Running waitingAt(String point, String... command) {
        return start("wait", point, command);
    }

    /** Starts a command that waits before a point until {@link #go}. */
    Tool.Running waitingAt(Point point, String... command) {
        return start("wait", String.valueOf(point.number()), command);
    }

    /** The last point of a name before a guest is frozen. */
    Point lastBeforeTheFreeze(String name, LabGuest guest) {
        return points(guest).stream()
                .takeWhile(point -> !point.name().equals("GuestAgent.freeze"))
                .filter(point -> point.name().equals(name))
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    /** Starts a command whose clock is an hour behind from a point on. */
    Tool.Running setBackAt(String point, String... command) {
        return start("back", point, command);
    }

    /** Starts a command that waits before a point, with a terminal of its own. */
    Tool.Running inATerminal(String point, String... command) {
        List<String> quoted = argv("wait", point, command).stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .toList();
        return started(Tool.start(List.of("script", "-qec", "exec " + String.join(" ", quoted), "/dev/null")));
    }

    /** Waits until the point is reached where something is done; a command that ends without it has failed. */
    Point reached() {
        Point point = reachedUnlessEnded()
                .orElseThrow(() -> new AssertionError("ended before it came to the point: "
                        + last.orElseThrow().await()));
        if (stops) {
            // it writes of the point before it stops, and until then its other threads see what a test does
            Await.until("it stands still", this::isStopped);
        }
        return point;
    }

    /** As {@link #reached}; nothing where the command has ended without it. */
    Optional<Point> reachedUnlessEnded() {
        return Await.value("the point is reached", () -> {
            // looked at before the points: what it passed until its end is written by then
            boolean ended = last.filter(running -> !running.process().isAlive()).isPresent();
            Optional<Point> acted = passed().stream().filter(Point::acted).findFirst();
            return acted.isPresent() || ended ? Optional.of(acted) : Optional.empty();
        });
    }

    /** Waits until a point of a name is passed. */
    void passes(String point) {
        Await.until(
                "the run comes to " + point,
                () -> passed().stream().anyMatch(each -> each.name().equals(point)));
    }

    /** When the freeze was sent, in milliseconds of the wall clock. */
    long freezeMillis() {
        return passed().stream()
                .filter(point -> point.name().equals("GuestAgent.freeze"))
                .findFirst()
                .orElseThrow()
                .atMillis();
    }

    /** How many points of a name were passed so far. */
    long passed(String point) {
        return passed().stream().filter(each -> each.name().equals(point)).count();
    }

    /** Ends a command that a test which failed has left waiting. */
    void end() {
        last.map(Tool.Running::process).ifPresent(Process::destroyForcibly);
    }

    void go() {
        write(log.resolveSibling(log.getFileName() + ".go"));
    }

    private List<Point> passed() {
        try {
            return Files.exists(log)
                    ? Files.readAllLines(log).stream().map(Point::of).toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether all of its threads are. */
    private boolean isStopped() {
        Process process = last.orElseThrow().process();
        assertThat(process.isAlive()).as("it lives").isTrue();
        String[] threads =
                Path.of("/proc", String.valueOf(process.pid()), "task").toFile().list();
        return threads != null && Arrays.stream(threads).allMatch(thread -> isStopped(process, thread));
    }

    private static boolean isStopped(Process process, String thread) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "task", thread, "stat"));
            return stat.startsWith("T", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false; // it ends just now
        }
    }

    private Tool.Running start(String act, String point, String... command) {
        return started(Tool.start(argv(act, point, command)));
    }

    private Tool.Running started(Tool.Running running) {
        last = Optional.of(running);
        return running;
    }

    private List<String> argv(String act, String point, String... command) {
        forget();
        stops = act.equals("stop");
        List<String> argv = Lab.java(
                "io.stillframe.orchestrator.app.Interposed",
                "-Dinterposed.act=" + act,
                "-Dinterposed.point=" + point,
                "-Dinterposed.log=" + log);
        argv.add("--json");
        argv.addAll(cli.options());
        argv.addAll(Arrays.asList(command));
        return argv;
    }

    private void forget() {
        try {
            Files.deleteIfExists(log);
            Files.deleteIfExists(log.resolveSibling(log.getFileName() + ".go"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
