package io.stillframe.lab;

import io.stillframe.lab.HostEvent.Kind;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A {@link HostSuite} under way inside the host VM, as a sequence of what it tells. */
final class HostRun implements AutoCloseable {
    /** For all tests together, in seconds. Reaching it means that one of them hangs. */
    private static final String LIMIT = System.getProperty("host.seconds", "43200");

    /** To start fast in an emulated CPU; waiting takes longer there as well. */
    private static final List<String> JAVA = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-Xverify:none",
            "-Xmx512m",
            "-Djna.encoding=UTF-8",
            "-Djava.io.tmpdir=/lab/tmp",
            "-Dstillframe.built=true",
            "-Dstillframe.within=true",
            "-Dstillframe.patience=600");

    private final Process process;
    private final BufferedReader lines;
    private final Path errors;

    private HostRun(Process process, Path errors) {
        this.process = process;
        this.lines = process.inputReader();
        this.errors = errors;
    }

    /** Starts the tests of these classes. */
    static HostRun start(HostVm vm, String excludedTag, List<String> classes) {
        List<String> java = new ArrayList<>(List.of("java"));
        java.addAll(Lab.archive());
        java.addAll(JAVA);
        java.add("-Dstillframe.checkout=" + System.getProperty("stillframe.checkout"));
        java.addAll(List.of("-cp", classPath(), HostSuite.class.getName(), excludedTag));
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

    /** This JVM's own, with the program as one jar in place of the modules that it is made of. */
    private static String classPath() {
        Predicate<String> module = Pattern.compile(Pattern.quote(Lab.tool("")) + "/(?!lab/)[^/]+/target/.*")
                .asMatchPredicate();
        return Stream.concat(
                        Stream.of(Lab.jar()),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                                .filter(module.negate()))
                .collect(Collectors.joining(File.pathSeparator));
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
