package io.stillframe.orchestrator.load;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, with the machine options that it is always started with. */
final class HostProcess {
    /** As bin/stillframe has them. */
    private static final List<String> JVM =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Djna.encoding=UTF-8");

    static final String HEAP = "256 MiB, as bin/stillframe has it (asked: 512 MiB)";

    private final Path directory;
    private final Process process;

    private HostProcess(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    /** @param directory where the configuration, the state and what it prints are */
    static HostProcess start(Path directory, int machines, String... command) throws IOException {
        List<String> argv = new ArrayList<>();
        argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        argv.addAll(JVM);
        argv.addAll(List.of(
                "-Dhost.machines=" + machines,
                "-Dhost.heap=" + directory.resolve("heap"),
                "-cp",
                System.getProperty("java.class.path"),
                "io.stillframe.orchestrator.app.SimulatedHost",
                "--connect",
                "test:///default",
                "--state-dir",
                directory.resolve("state").toString(),
                "--config",
                directory.resolve("stillframe.yaml").toString()));
        argv.addAll(List.of(command));
        return new HostProcess(
                directory,
                new ProcessBuilder(argv)
                        .redirectOutput(directory.resolve("out").toFile())
                        .redirectError(directory.resolve("err").toFile())
                        .start());
    }

    /** Until it runs policies, and no longer than so long. */
    void awaitServing(Duration patience) throws IOException, InterruptedException {
        long since = System.nanoTime();
        while (!isServing()) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS)
                    || Report.since(since).compareTo(patience) > 0) {
                throw new IllegalStateException("it does not serve: " + Files.readString(directory.resolve("err")));
            }
        }
    }

    private boolean isServing() {
        try {
            return get("/v1/health").body().contains("\"serving\"");
        } catch (IOException e) {
            return false; // it does not listen yet
        }
    }

    /** Lets it run on. */
    void runFor(Duration time) throws IOException, InterruptedException {
        if (process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("it has ended: " + Files.readString(directory.resolve("err")));
        }
    }

    /**
     * What was answered.
     *
     * @param took from the connection to the answer's last byte
     */
    record Answer(String body, Duration took) {}

    /** Asks over the socket for a document. */
    Answer get(String path) throws IOException {
        long since = System.nanoTime();
        UnixDomainSocketAddress socket = UnixDomainSocketAddress.of(directory.resolve("state/api.sock"));
        try (SocketChannel channel = SocketChannel.open(socket)) {
            channel.write(ByteBuffer.wrap(
                    "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n".formatted(path).getBytes(StandardCharsets.US_ASCII)));
            byte[] answer = Channels.newInputStream(channel).readAllBytes();
            Duration took = Report.since(since);
            String body = new String(answer, StandardCharsets.UTF_8);
            if (!body.startsWith("HTTP/1.1 200") && !body.startsWith("HTTP/1.0 200")) {
                throw new IOException("%s: %s".formatted(path, body));
            }
            return new Answer(body, took);
        }
    }

    /** Has it end, as a service manager does. */
    void end() throws IOException, InterruptedException {
        process.destroy();
        await();
    }

    void await() throws IOException, InterruptedException {
        if (process.waitFor() != 0) {
            throw new IllegalStateException(
                    "exit %d: %s".formatted(process.exitValue(), Files.readString(directory.resolve("err"))));
        }
    }

    /**
     * The most of its heap that was in use.
     *
     * @param collected right after the garbage had been collected
     * @param peak garbage included
     */
    record Heap(long collected, long peak) {}

    Heap heap() throws IOException {
        String[] told = Files.readString(directory.resolve("heap")).split(" ", -1);
        return new Heap(Long.parseLong(told[0]), Long.parseLong(told[1]));
    }
}
