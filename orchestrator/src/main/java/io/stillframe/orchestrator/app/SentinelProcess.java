package io.stillframe.orchestrator.app;

import io.stillframe.config.Settings;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.sentinel.SentinelClient;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Coprocess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sentinel as a process: this same program with a small heap, in a session of its own, so that neither a signal to
 * this process's group nor the end of its terminal reaches it. One serves all guests of this process.
 */
final class SentinelProcess implements Guard, AutoCloseable {
    private static final String HEAP = "-Xmx32m";

    private final Settings settings;
    private final Timing timing;
    private Optional<SentinelClient> client = Optional.empty();

    SentinelProcess(Settings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
    }

    @Override
    public void makeReady() {
        try {
            client();
        } catch (GuardException e) {
            // told when the guard is needed: until then nothing is lost without one
        }
    }

    @Override
    public Watch watch(Lease lease, Runnable lost) {
        return client().watch(lease, lost);
    }

    /** The end of its input is what the sentinel heeds; it goes on alone with what is still guarded. */
    @Override
    public synchronized void close() {
        client.ifPresent(SentinelClient::close);
    }

    private synchronized SentinelClient client() {
        if (client.isEmpty() || client.get().gone()) {
            client = Optional.of(start());
        }
        return client.get();
    }

    private SentinelClient start() {
        try {
            StateDirectory.make(settings.stateDir());
            Coprocess process =
                    Coprocess.start(commandLine(), settings.stateDir().resolve("sentinel.log"));
            return new SentinelClient(process.output(), process.input(), new LeaseFiles(settings.stateDir()), timing);
        } catch (IOException | CommandException e) {
            throw new GuardException("the sentinel cannot be started: " + e.getMessage(), e);
        }
    }

    private List<String> commandLine() throws IOException {
        List<String> argv = new ArrayList<>(List.of("setsid", java()));
        flags().filter(flag -> !flag.startsWith("-Xmx")).forEach(argv::add);
        argv.addAll(List.of(HEAP, "-cp", classPath(), Main.class.getName()));
        argv.addAll(List.of(
                "--connect",
                settings.connect(),
                "--state-dir",
                settings.stateDir().toString(),
                "sentinel"));
        return argv;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** This process's own: they say where the classes' archive is, and keep the start short. */
    private static Stream<String> flags() throws IOException {
        String commandLine = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8);
        return Stream.of(commandLine.split("\0", -1))
                .skip(1)
                .takeWhile(argument -> argument.startsWith("-") && !argument.equals("-jar") && !argument.equals("-cp"))
                .filter(argument -> argument.startsWith("-X") || argument.startsWith("-D"));
    }

    /** The sentinel's folder is another one. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(":", -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(":"));
    }
}
