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

    /** Until it has told this on stderr, or has ended. */
    void awaitTold(String text) throws IOException, InterruptedException {
        while (!Files.readString(directory.resolve("err")).contains(text)) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("it has ended: " + Files.readString(directory.resolve("err")));
            }
        }
    }

    /** Lets it run on. */
    void runFor(Duration time) throws IOException, InterruptedException {
        if (process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("it has ended: " + Files.readString(directory.resolve("err")));
        }
    }

    /** Asks over the socket for a document; how long that took, from the connection to the answer's last byte. */
    Duration get(String path) throws IOException {
        long since = System.nanoTime();
        UnixDomainSocketAddress socket = UnixDomainSocketAddress.of(directory.resolve("state/api.sock"));
        try (SocketChannel channel = SocketChannel.open(socket)) {
            channel.write(ByteBuffer.wrap(
                    "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n".formatted(path).getBytes(StandardCharsets.US_ASCII)));
            byte[] answer = Channels.newInputStream(channel).readAllBytes();
            Duration took = Duration.ofNanos(System.nanoTime() - since);
            String status = new String(answer, 0, Math.min(16, answer.length), StandardCharsets.US_ASCII);
            if (!status.contains(" 200")) {
                throw new IOException("%s: %s".formatted(path, new String(answer, StandardCharsets.UTF_8)));
            }
            return took;
        }
    }

    /** Has it end, as a service manager does. */
    void end() throws IOException, InterruptedException {
        process.destroy();
        await();
    }

    void await() throws IOException, InterruptedException {
        if (process.waitFor() != 0) {
            throw new IllegalStateException("exit %d: %s"
                    .formatted(process.exitValue(), Files.readString(directory.resolve("err"))));
        }
    }

    /** The most of its heap that was in use, garbage included. */
    long heapBytes() throws IOException {
        return Long.parseLong(Files.readString(directory.resolve("heap")));
    }
}
