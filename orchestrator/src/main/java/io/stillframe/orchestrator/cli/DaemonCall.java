package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A command that the daemon executes for this process: what it tells is told here, what it asks is asked here, and an
 * interruption here is one there. It speaks HTTP/1.0, in which an answer ends with its connection.
 */
final class DaemonCall {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final String COMMANDS = "/v1/commands";

    private final Site site;
    private final Output output;
    private final Path socket;

    private DaemonCall(Site site, Output output, Path socket) {
        this.site = site;
        this.output = output;
        this.socket = socket;
    }

    /** Empty where it cannot even be said which state directory is meant: then the command itself tells why. */
    static Optional<DaemonCall> at(Site site, Output output) {
        try {
            return Optional.of(new DaemonCall(site, output, site.socket()));
        } catch (CommandFailed e) {
            return Optional.empty();
        }
    }

    /**
     * @return the exit status; empty where no daemon listens
     * @throws CommandFailed when the daemon refuses, or ends before the command
     */
    OptionalInt execute(List<String> arguments) {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return OptionalInt.empty();
        }
        try (channel) {
            send(channel, "POST", COMMANDS, request(arguments));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            requireGood(answer);
            return OptionalInt.of(follow(new Events(answer), ""));
        } catch (IOException e) {
            throw cutShort(e);
        }
    }

    private Map<String, Object> request(List<String> arguments) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("arguments", arguments);
        request.put("directory", Path.of("").toAbsolutePath().toString());
        request.put("asks", site.terminal().canAsk());
        site.terminal().columns().ifPresent(columns -> request.put("columns", columns));
        return request;
    }

    /** Until its end; from where the command works on, an interruption is handed on and does not end this process. */
    private int follow(Events events, String known) throws IOException {
        String id = known;
        for (Events.Event event = events.next(); ; event = events.next()) {
            switch (event.name()) {
                case "begun" -> id = event.data().get("command").asString();
                case "out" -> output.pass(event.data().get("text").asString());
                case "err" -> {
                    output.errors().print(event.data().get("text").asString());
                    output.errors().flush();
                }
                case "question" ->
                    answer(
                            id,
                            site.terminal().confirm(event.data().get("question").asString()));
                case "working" -> {
                    return undisturbed(events, id);
                }
                case "end" -> {
                    return event.data().get("status").asInt();
                }
                case "problem" ->
                    throw new IOException(
                            event.data().path("error").path("message").asString("it does not say why"));
                default -> throw new IOException("the daemon says '%s'".formatted(event.name()));
            }
        }
    }

    private int undisturbed(Events events, String id) {
        AtomicBoolean ended = new AtomicBoolean();
        try (Timing.Worker watcher = site.timing().worker("interruption")) {
            watcher.run(() -> handOn(id, ended));
            return site.uninterrupted(() -> {
                try {
                    return follow(events, id);
                } catch (IOException e) {
                    throw cutShort(e);
                } finally {
                    ended.set(true);
                }
            });
        }
    }

    private void handOn(String id, AtomicBoolean ended) {
        while (!ended.get()) {
            if (site.interrupted().getAsBoolean()) {
                tell("DELETE", COMMANDS + "/" + id, Map.of());
                return;
            }
            site.timing().pause(BETWEEN_LOOKS);
        }
    }

    private void answer(String id, boolean yes) {
        tell("POST", COMMANDS + "/" + id + "/answer", Map.of("yes", yes));
    }

    /** A daemon that does not hear it is gone, which the answer that is waited for will show. */
    private void tell(String method, String path, Map<String, Object> body) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            send(channel, method, path, body);
            Channels.newInputStream(channel).readAllBytes();
        } catch (IOException e) {
            output.complaint("warning: the daemon could not be told: " + e.getMessage());
        }
    }

    private static void send(SocketChannel channel, String method, String path, Map<String, Object> body)
            throws IOException {
        byte[] document = body.isEmpty() ? new byte[0] : JsonMapper.shared().writeValueAsBytes(body);
        String head =
                "%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                        .formatted(method, path, document.length);
        for (byte[] part : List.of(head.getBytes(StandardCharsets.US_ASCII), document)) {
            ByteBuffer bytes = ByteBuffer.wrap(part);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static void requireGood(BufferedReader answer) throws IOException {
        String status = line(answer);
        while (!line(answer).isEmpty()) {
            // of the head only its first line matters
        }
        if (!status.contains(" 200 ")) {
            StringBuilder document = new StringBuilder();
            answer.lines().forEach(document::append);
            JsonNode error = JsonMapper.shared().readTree(document.toString()).path("error");
            throw CommandFailed.refused(
                    ErrorCode.HELD,
                    error.path("message").asString(status),
                    error.path("hint").asString(""));
        }
    }

    private static String line(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("the answer ends before the command");
        }
        return line;
    }

    private static CommandFailed cutShort(IOException failure) {
        return new CommandFailed(
                ExitStatus.MAY_BE_FROZEN,
                new Problem(
                        ErrorCode.CUT_SHORT,
                        "the daemon ended before the command that it executed (%s): a guest may still be frozen"
                                .formatted(failure.getMessage()),
                        "run 'stillframe reconcile'"));
    }

    /** Server-sent events, as the daemon sends them: each with a name and a document on one line. */
    private record Events(BufferedReader reader) {
        record Event(String name, JsonNode data) {}

        Event next() throws IOException {
            String name = "";
            Supplier<JsonNode> data = JsonMapper.shared()::createObjectNode;
            for (String line = line(reader); !line.isEmpty() || name.isEmpty(); line = line(reader)) {
                if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    String document = line.substring("data: ".length());
                    data = () -> JsonMapper.shared().readTree(document);
                }
            }
            return new Event(name, data.get());
        }
    }
}
