package io.stillframe.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the command line with something between it and the world that acts at a chosen point: see {@code Interposed}.
 */
final class Interposer {
    private final Cli cli;
    private final Path log;

    Interposer(Cli cli, Path directory) {
        this.cli = cli;
        this.log = directory.resolve("interposed");
    }

    /** A call that a run makes, or a look at the clock before a state is journaled. */
    record Point(int number, String name, String thread, long atMillis) {
        static Point of(String line) {
            String[] words = line.split(" ", -1);
            return new Point(Integer.parseInt(words[0]), words[1], words[2], Long.parseLong(words[3]));
        }
    }

    /** The points of an undisturbed snapshot. */
    List<Point> points(LabGuest guest) {
        Cli.await(start("list", -1, "snapshot", guest.name())).exits(0);
        return noted();
    }

    /** Starts a command that is killed before a point. */
    Tool.Running killedAt(int point, String... command) {
        return start("kill", point, command);
    }

    /** Starts a command that stops itself before a point. */
    Tool.Running stoppedAt(int point, String... command) {
        return start("stop", point, command);
    }

    /** Starts a command that waits before a point until {@link #go}. */
    Tool.Running waitingAt(int point, String... command) {
        return start("wait", point, command);
    }

    /** Waits until the point is reached. */
    Point reached() {
        Await.until("the point is reached", () -> Files.exists(log) && !noted().isEmpty());
        return noted().get(0);
    }

    void go() {
        write(log.resolveSibling(log.getFileName() + ".go"));
    }

    private List<Point> noted() {
        try {
            return Files.readAllLines(log).stream().map(Point::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tool.Running start(String act, int point, String... command) {
        forget();
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Djna.encoding=UTF-8",
                "-Dinterposed.act=" + act,
                "-Dinterposed.point=" + point,
                "-Dinterposed.log=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                "io.stillframe.orchestrator.app.Interposed",
                "--json",
                "--state-dir",
                cli.stateDir().toString()));
        argv.addAll(Arrays.asList(command));
        return Tool.start(argv);
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
