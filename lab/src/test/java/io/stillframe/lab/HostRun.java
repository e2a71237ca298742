package io.stillframe.lab;

import io.stillframe.lab.HostEvent.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A {@link HostSuite} under way inside the host VM, as a sequence of what it tells. */
final class HostRun implements AutoCloseable {
    /** For all tests together, in seconds. Reaching it means that one of them hangs. */
    private static final String LIMIT = System.getProperty("host.seconds", "21600");

    /** To start fast in an emulated CPU; waiting takes longer there as well. */
    private static final List<String> JAVA = List.of(
            "java",
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-Xverify:none",
            "-Xmx512m",
            "-Djna.encoding=UTF-8",
            "-Djava.io.tmpdir=/lab/tmp",
            "-Dstillframe.built=true",
            "-Dstillframe.patience=600");

    private final Process process;
    private final BufferedReader lines;
    private final Path errors;

    private HostRun(Process process, Path errors) {
        this.process = process;
        this.lines = process.inputReader();
        this.errors = errors;
    }

    /** Starts the tests of these classes, with this machine's class path. */
    static HostRun start(HostVm vm, String excludedTag, List<String> classes) {
        List<String> java = new ArrayList<>(JAVA);
        java.add("-Dstillframe.checkout=" + System.getProperty("stillframe.checkout"));
        java.addAll(List.of("-cp", System.getProperty("java.class.path"), HostSuite.class.getName(), excludedTag));
        java.addAll(classes);
        List<String> argv = new ArrayList<>(List.of("timeout", "--kill-after=10", LIMIT));
        argv.addAll(vm.argv(java.toArray(String[]::new)));
        try {
            Path errors = Files.createTempFile("stillframe-host", ".err");
            return new HostRun(
                    new ProcessBuilder(argv).redirectError(errors.toFile()).start(), errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next thing it tells; empty once it has ended, however it ended. */
    Optional<HostEvent> next() {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<HostEvent> event = HostEvent.parse(line);
                if (event.isPresent()) {
                    return event;
                }
                System.out.println(line);
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How the test that began last has ended. */
    HostEvent outcome(HostEvent began) {
        HostEvent event = next().orElseThrow(() -> new AssertionError("the run inside ended in this test: " + end()));
        return event.id().equals(began.id())
                ? event
                : new HostEvent(Kind.FAILED, began.id(), began.name(), "not ended when this came: " + event);
    }

    /** Waits for its end; exit status and what was last said on stderr. */
    String end() {
        try {
            int exit = process.waitFor();
            List<String> said = Files.readAllLines(errors);
            return "exit %d%n%s"
                    .formatted(exit, String.join("\n", said.subList(Math.max(0, said.size() - 40), said.size())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("the test was interrupted", e);
        }
    }

    /** A run that is still under way is ended: the command inside goes with its client. */
    @Override
    public void close() {
        process.destroy();
    }
}
