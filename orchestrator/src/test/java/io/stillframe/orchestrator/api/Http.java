package io.stillframe.orchestrator.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that sends whatever a test says, byte by byte. */
public final class Http {
    private final SocketAddress address;

    private Http(SocketAddress address) {
        this.address = address;
    }

    public static Http at(Path socket) {
        return new Http(UnixDomainSocketAddress.of(socket));
    }

    public static Http at(int port) {
        return new Http(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** An answer, its connection closed. */
    public record Answer(String head, String body) {
        public int status() {
            return Integer.parseInt(head.split(" ", 3)[1]);
        }

        public JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        public String error(String field) {
            return json().get("error").get(field).asString();
        }
    }

    public Answer get(String path, String... headers) throws IOException {
        return send(request("GET", path, "", headers));
    }

    public Answer delete(String path) throws IOException {
        return send(request("DELETE", path, ""));
    }

    public Answer post(String path, String json, String... headers) throws IOException {
        return send(request("POST", path, json, headers));
    }

    public static String request(String method, String path, String body, String... headers) {
        String type = body.isEmpty() || List.of(headers).toString().contains("Content-Type")
                ? ""
                : "Content-Type: application/json\r\n";
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        String host = more.contains("Host: ") ? "" : "Host: localhost\r\n";
        return "%s %s HTTP/1.0\r\n%s%s%sContent-Length: %d\r\n\r\n%s"
                .formatted(method, path, host, type, more, body.getBytes(StandardCharsets.UTF_8).length, body);
    }

    public Answer send(String request) throws IOException {
        try (SocketChannel channel = open(request)) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(answer);
            String[] parts = answer.toString(StandardCharsets.UTF_8).split("\r\n\r\n", 2);
            return new Answer(parts[0], parts[1]);
        }
    }

    /** A request whose answer is still to be read. */
    public SocketChannel open(String request) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return channel;
    }
}
