package io.stillframe.orchestrator.app;

import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.lease.VirtualTiming;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/** Another process that holds a state directory for a machine until it is told to end, or killed. */
final class StateDirectoryChild implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Instant since;

    private StateDirectoryChild(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.since = process.info().startInstant().orElseThrow().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Returns when it holds the directory. */
    static StateDirectoryChild holding(Path directory, UUID vm) throws IOException {
        return holding(directory, "snapshot", vm);
    }

    /** For a purpose that has no machine. */
    static StateDirectoryChild holding(Path directory, String purpose) throws IOException {
        return holding(directory, purpose, new UUID(0, 0));
    }

    private static StateDirectoryChild holding(Path directory, String purpose, UUID vm) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        StateDirectoryChild child = new StateDirectoryChild(new ProcessBuilder(
                        java.toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StateDirectoryChild.class.getName(),
                        directory.toString(),
                        vm.toString(),
                        purpose)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        if (!"held".equals(child.output.readLine())) {
            throw new IllegalStateException("the other process does not hold " + directory);
        }
        return child;
    }

    /** Holds until its input ends. */
    public static void main(String[] args) throws IOException {
        DomainId vm = new DomainId(UUID.fromString(args[1]), "db01");
        StateDirectory held = StateDirectory.hold(
                Path.of(args[0]), args[2], List.of(vm), new Patience(new VirtualTiming(), System.err, () -> false));
        System.out.println("held");
        System.in.transferTo(OutputStream.nullOutputStream());
        held.close();
    }

    /** As those who find the directory held are told of it. */
    String shown() {
        return "pid %d, since %s".formatted(process.pid(), since);
    }

    /** Lets it end by itself. */
    void end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
