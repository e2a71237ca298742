package io.stillframe.db;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Another process that has a journal open, and says on its standard output what it was told is done. */
final class JournalChild implements AutoCloseable {
    static final RunId RUN = new RunId("000000000001");
    static final Instant AT = Instant.parse("2026-03-01T12:00:00.123456Z");

    private final Process process;
    private final BufferedReader output;

    private JournalChild(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    static JournalChild start(Path directory) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new JournalChild(new ProcessBuilder(
                        java.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        JournalChild.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Advances one run for ever, and prints each version that was acknowledged. */
    public static void main(String[] args) {
        try (Journal journal = Journal.open(Path.of(args[0]))) {
            Run run = journal.plan(RUN, new UUID(0, 1), "db01", AT);
            System.out.println(run.version());
            while (!Thread.currentThread().isInterrupted()) {
                run = journal.advance(run, run.version() % 2 == 0 ? RunState.FREEZING : RunState.FROZEN, AT);
                System.out.println(run.version());
            }
        }
    }

    /** Waits for so many acknowledgements. */
    List<Long> acknowledged(int count) throws IOException {
        List<Long> versions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            versions.add(Long.valueOf(output.readLine()));
        }
        return versions;
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
