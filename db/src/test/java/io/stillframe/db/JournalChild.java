package io.stillframe.db;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Another process that has a journal open, and says on its standard output what it was told is done: a line for each
 * version, and the kind of the failure that ended it.
 */
final class JournalChild implements AutoCloseable {
    static final RunId RUN = new RunId("000000000001");
    static final Instant AT = Instant.parse("2026-03-01T12:00:00.123456Z");

    /** How many versions make a round. */
    static final int ROUND = 10;

    private static final String ENDLESS = "endless";
    private static final String ROUNDS = "rounds";
    private static final String REMOVALS = "removals";

    private final Process process;
    private final BufferedReader output;

    private JournalChild(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Advances one run for ever. */
    static JournalChild start(Path directory) throws IOException {
        return start("exec", directory, ENDLESS, Growth.SMALL_BYTES);
    }

    /** Forces the journal to disk after every {@link #ROUND} versions, and waits to be told to {@link #goOn}. */
    static JournalChild startInRounds(Path directory) throws IOException {
        return start("exec", directory, ROUNDS, Growth.SMALL_BYTES);
    }

    /** Takes snapshots and removes them for ever, as {@link #name} says; acknowledges every snapshot that is gone. */
    static JournalChild startRemovals(Path directory) throws IOException {
        return start("exec", directory, REMOVALS, Growth.SMALL_BYTES);
    }

    /** Can make no file larger than so many bytes, as on a disk that is full; compacts whatever the size. */
    static JournalChild startShortOfSpace(Path directory, long bytes) throws IOException {
        // the unit of ulimit -f is 512 bytes
        return start("ulimit -f %d && exec".formatted(bytes / 512), directory, ENDLESS, 0);
    }

    private static JournalChild start(String how, Path directory, String pace, long compactAbove) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new JournalChild(new ProcessBuilder(
                        "sh",
                        "-c",
                        how + " \"$@\"",
                        "sh",
                        java.toString(),
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        JournalChild.class.getName(),
                        directory.toString(),
                        pace,
                        Long.toString(compactAbove))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    public static void main(String[] args) throws IOException {
        try (Journal journal = H2Journal.open(Path.of(args[0]), Long.parseLong(args[2]))) {
            if (args[1].equals(REMOVALS)) {
                remove(journal);
            } else {
                advance(journal, args[1].equals(ROUNDS));
            }
        } catch (JournalException e) {
            System.out.println(e.kind());
        }
    }

    private static void advance(Journal journal, boolean rounds) throws IOException {
        Run run = journal.plan(RUN, new UUID(0, 1), "db01", AT);
        System.out.println(run.version());
        while (!Thread.currentThread().isInterrupted()) {
            run = journal.advance(run, run.version() % 2 == 0 ? RunState.FREEZING : RunState.FROZEN, AT);
            boolean ends = rounds && run.version() % ROUND == 0;
            if (ends) {
                journal.force();
            }
            System.out.println(run.version());
            if (ends && System.in.read() < 0) {
                return;
            }
        }
    }

    /** The nth name of a layer; layer n is merged into layer 0 by job n when snapshot n goes. */
    static String name(long n) {
        return "layer" + n;
    }

    /** The nth run, and with a letter in front the nth job. */
    static RunId id(String kind, long n) {
        return new RunId("%s%011d".formatted(kind, n));
    }

    private static void remove(Journal journal) {
        Sample.snapshotted(journal, id("0", 0), AT, layer(0, 1));
        for (long n = 1; !Thread.currentThread().isInterrupted(); n++) {
            Sample.snapshotted(journal, id("0", n), AT.plusSeconds(n), layer(n, n + 1));
            JobChange merge = new JobChange("vda", "qcow2", name(n), name(0), "raw");
            Job job = journal.begin(Sample.job(id("j", n), JobKind.REMOVE, id("0", n), merge));
            journal.finish(job, JobState.DONE, AT, Optional.empty());
            System.out.println(n);
        }
    }

    private static RunVolume layer(long snapshot, long active) {
        return new RunVolume("vda", "qcow2", name(snapshot), "qcow2", name(active), "NOTHING");
    }

    void goOn() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Waits for so many acknowledgements. */
    List<Long> acknowledged(int count) throws IOException {
        List<Long> versions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            versions.add(Long.valueOf(output.readLine()));
        }
        return versions;
    }

    /** All lines until the process ends by itself. */
    List<String> end() {
        return output.lines().toList();
    }

    /** Kills the process, and gives what it had still acknowledged; a last line that was cut short says nothing. */
    List<Long> kill() throws IOException, InterruptedException {
        // through the handle: Process.destroyForcibly would close the output that is still to be read
        process.toHandle().destroyForcibly();
        process.waitFor();
        StringBuilder rest = new StringBuilder();
        for (int c = output.read(); c >= 0; c = output.read()) {
            rest.append((char) c);
        }
        return rest.substring(0, rest.lastIndexOf("\n") + 1)
                .lines()
                .map(Long::valueOf)
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
