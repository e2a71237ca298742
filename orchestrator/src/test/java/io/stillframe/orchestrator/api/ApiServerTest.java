package io.stillframe.orchestrator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Over real sockets. */
@Timeout(120)
class ApiServerTest {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile Optional<Thread> flooder = Optional.empty();
    private volatile boolean room;
    private Path directory;
    private ApiServer server;
    private Http local;

    private record Echo(String name, List<String> list) {}

    @BeforeEach
    void serve(@TempDir Path state) throws Exception {
        directory = state;
        Files.createFile(state.resolve("api.sock")); // left by a daemon that was killed
        server = ApiServer.start(state, Optional.of(0), endpoints(), "1.2.3");
        local = Http.at(state.resolve("api.sock"));
    }

    @AfterEach
    void end() throws IOException {
        goOn.countDown();
        server.close();
    }

    private List<Endpoint> endpoints() {
        return List.of(
                new Endpoint(
                        Endpoint.Method.POST,
                        "/v1/echo/{name}",
                        "Says what it was told.",
                        List.of(
                                Parameter.inPath("name", "who"),
                                Parameter.inQuery("count", Parameter.Kind.NUMBER, "so many"),
                                Parameter.inBody("list", Parameter.Kind.TEXTS, "what")
                                        .demanded(),
                                Parameter.inBody("loud", Parameter.Kind.FLAG, "how")),
                        Optional.of(Echo.class),
                        (arguments, exchange) ->
                                exchange.answer(200, "\"" + new java.util.TreeMap<>(arguments.values()) + "\"")),
                new Endpoint(
                        Endpoint.Method.GET,
                        "/v1/slow",
                        "Takes its time.",
                        List.of(),
                        Optional.of(Echo.class),
                        (arguments, exchange) -> {
                            begun.countDown();
                            await(goOn);
                            exchange.answer(200, "\"done\"");
                        }),
                new Endpoint(
                        Endpoint.Method.GET,
                        "/v1/flood",
                        "Tells without an end.",
                        List.of(),
                        Optional.empty(),
                        (arguments, exchange) -> {
                            flooder = Optional.of(Thread.currentThread());
                            EventStream events = exchange.events();
                            try {
                                while (true) {
                                    events.send("flood", "x".repeat(1 << 20));
                                }
                            } finally {
                                drained.countDown();
                            }
                        }),
                new Endpoint(
                        Endpoint.Method.GET,
                        "/v1/breaking",
                        "Breaks while it tells.",
                        List.of(),
                        Optional.empty(),
                        (arguments, exchange) -> {
                            exchange.events().send("first", Map.of());
                            throw new IllegalStateException("a fault of ours");
                        }),
                new Endpoint(
                        Endpoint.Method.GET,
                        "/v1/looked",
                        "Tells whether there was room.",
                        List.of(),
                        Optional.of(Echo.class),
                        (arguments, exchange) -> exchange.answer(200, "\"" + room + "\"")),
                new Endpoint(
                        Endpoint.Method.GET,
                        "/v1/broken",
                        "Breaks.",
                        List.of(Parameter.inQuery("error", Parameter.Kind.FLAG, "how")),
                        Optional.of(Echo.class),
                        (arguments, exchange) -> {
                            if (arguments.is("error")) {
                                throw new OutOfMemoryError("no more memory");
                            }
                            throw new IllegalStateException("a fault of ours");
                        }),
                new Endpoint(
                        Endpoint.Method.GET,
                        "/v1/events",
                        "Tells.",
                        List.of(),
                        Optional.empty(),
                        (arguments, exchange) -> {
                            EventStream events = exchange.events();
                            events.onGone(gone::countDown);
                            events.send("first", Map.of("line", "a\nb"));
                            await(goOn);
                        }));
    }

    @Test
    void what_is_given_comes_as_it_is_meant() throws Exception {
        Http.Answer answer = local.post("/v1/echo/db%2001?count=3", "{\"list\": [\"a\", \"b\"], \"loud\": true}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().asString()).isEqualTo("{count=[3], list=[a, b], loud=[true], name=[db 01]}");
        assertThat(answer.head()).contains("application/json", "no-store").doesNotContain("Jetty");
    }

    @Test
    void what_breaks_while_it_is_told_of_is_told_as_an_event_with_a_document() throws Exception {
        String told = local.get("/v1/breaking").body();
        assertThat(told).contains("event: problem\ndata: {\"error\":{\"code\":\"BROKEN\"", "a fault of ours");
    }

    @Test
    void one_that_does_not_read_keeps_nobody_else_from_being_missed() throws Exception {
        SocketChannel deaf = local.open(Http.request("GET", "/v1/flood", ""));
        try (deaf) {
            while (flooder.filter(thread -> thread.getState() == Thread.State.WAITING)
                    .isEmpty()) {
                Thread.onSpinWait();
            }
            try (SocketChannel other = local.open(Http.request("GET", "/v1/events", ""))) {
                assertThat(other.read(ByteBuffer.allocate(1))).isEqualTo(1);
            }
            gone.await();
            assertThat(drained.getCount()).as("it is still on its way").isEqualTo(1);
        }
        drained.await();
    }

    @Test
    void what_is_not_understood_is_refused_with_what_it_was_and_what_would_be_right() throws Exception {
        refused(local.get("/v1/nothing"), 404, "there is nothing at /v1/nothing", "GET /v1/openapi.json");
        refused(local.get("/v1/echo/x"), 405, "not to be had by GET", "POST /v1/echo/{name}");
        refused(local.post("/v1/echo/x?size=1", "{\"list\": []}"), 400, "has no parameter 'size'", "count");
        refused(local.post("/v1/echo/x?count=many", "{}"), 400, "'count' is not a whole number", "so many");
        refused(local.post("/v1/echo/x?count=1&count=2", "{}"), 400, "'count' is given twice", "once");
        refused(local.post("/v1/echo/x", ""), 400, "'list' is missing", "list (a list of texts, needed)");
        refused(local.post("/v1/echo/x", "{\"list\": [1]}"), 400, "'list' is not a list of texts", "what");
        refused(local.post("/v1/echo/x", "{\"list\": [\"a\"], \"loud\": \"yes\"}"), 400, "'loud' is not", "how");
        refused(local.post("/v1/echo/x", "{\"lost\": [\"a\"]}"), 400, "has no field 'lost'", "list");
        refused(local.post("/v1/echo/x", "{\"list\""), 400, "the body is no JSON", "object");
        refused(local.post("/v1/echo/x", "[1]"), 400, "the body is no JSON object", "list");
        refused(
                local.post("/v1/echo/x", "list=a", "Content-Type: application/x-www-form-urlencoded"),
                415,
                "not application/json",
                "Content-Type");
    }

    @Test
    void what_is_too_large_is_refused() throws Exception {
        String large = "{\"list\": [\"%s\"]}".formatted("x".repeat(70_000));
        refused(local.post("/v1/echo/x", large), 413, "more than 65536 bytes", "less");
        refused(local.get("/v1/echo/x", "X-Large: " + "x".repeat(9_000)), 431, "too large", "openapi");
    }

    @Test
    void what_is_no_http_at_all_is_refused() throws Exception {
        refused(local.send("HELO\r\n\r\n"), 400, "nothing was touched", "openapi");
    }

    @Test
    void no_more_connections_are_taken_than_can_be_served() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            // answered: so it is certain that it was taken
            SocketChannel channel = local.open("GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
            channel.read(ByteBuffer.allocate(1));
            idle.add(channel);
        }
        CompletableFuture<Http.Answer> oneMore = CompletableFuture.supplyAsync(() -> {
            try {
                return local.get("/v1/looked");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        room = true;
        for (SocketChannel channel : idle) {
            channel.close();
        }
        assertThat(oneMore.get().json().asString()).as("with room").isEqualTo("true");
    }

    @Test
    void who_may_only_connect_shuts_nobody_out_who_comes_through_the_socket() throws Exception {
        List<SocketChannel> strangers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            SocketChannel channel =
                    Http.at(server.port()).open("GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
            channel.read(ByteBuffer.allocate(1));
            strangers.add(channel);
        }
        assertThat(local.get("/v1/openapi.json").status()).isEqualTo(200);
        for (SocketChannel channel : strangers) {
            channel.close();
        }
    }

    @Test
    void a_fault_of_ours_is_told_as_one() throws Exception {
        refused(local.get("/v1/broken"), 500, "a fault of ours", "reconcile");
        refused(local.get("/v1/broken?error=true"), 500, "no more memory", "reconcile");
        assertThat(local.get("/v1/openapi.json").status())
                .as("and nothing else suffers")
                .isEqualTo(200);
    }

    @Test
    void the_socket_is_for_its_owner_alone() throws Exception {
        assertThat(permissions("api.sock")).isEqualTo("rw-------");
    }

    @Test
    void at_the_loopback_interface_the_token_is_asked_for() throws Exception {
        Http loopback = Http.at(server.port());
        String host = "Host: 127.0.0.1:" + server.port();
        assertThat(permissions("api.token")).isEqualTo("rw-------");
        String token = Files.readString(directory.resolve("api.token")).strip();
        refused(loopback.get("/v1/openapi.json", host), 401, "token is missing", "api.token");
        refused(loopback.get("/v1/openapi.json", host, "Authorization: Bearer no"), 401, "wrong", "api.token");
        refused(loopback.get("/v1/openapi.json", host, "Authorization: Basic " + token), 401, "wrong", "Bearer");
        assertThat(loopback.get("/v1/openapi.json", host, "Authorization: Bearer " + token)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_page_that_was_made_to_lead_here_asks_in_vain() throws Exception {
        Http loopback = Http.at(server.port());
        String token = "Authorization: Bearer "
                + Files.readString(directory.resolve("api.token")).strip();
        refused(
                loopback.get("/v1/openapi.json", "Host: evil.example:" + server.port(), token),
                403,
                "not the host 'evil.example",
                "127.0.0.1");
        refused(
                loopback.get(
                        "/v1/openapi.json", "Host: localhost:" + server.port(), "Origin: http://evil.example", token),
                403,
                "a page (of http://evil.example)",
                "no Origin");
        refused(local.get("/v1/openapi.json", "Origin: null"), 403, "a page (of null)", "no Origin");
    }

    @Test
    void a_token_that_others_can_read_is_none(@TempDir Path other) throws Exception {
        Files.writeString(other.resolve("api.token"), "x".repeat(64));
        Files.setPosixFilePermissions(other.resolve("api.token"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ApiServer.start(other, Optional.of(0), endpoints(), "1"))
                .withMessageContainingAll("api.token", "its owner alone");
        assertThat(other.resolve("api.sock")).doesNotExist();
    }

    @Test
    void a_token_that_could_not_be_written_to_its_end_is_made_anew(@TempDir Path other) throws Exception {
        Files.createFile(other.resolve("api.token.new"));
        ApiServer.start(other, Optional.of(0), endpoints(), "1").close();
        assertThat(Files.readString(other.resolve("api.token"))).hasSizeGreaterThan(60);
        assertThat(other.resolve("api.token.new")).doesNotExist();
    }

    @Test
    void a_path_that_no_socket_can_have_is_named(@TempDir Path other) throws Exception {
        Path deep = Files.createDirectories(other.resolve("x".repeat(100)));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ApiServer.start(deep, Optional.empty(), endpoints(), "1"))
                .withMessageContainingAll(deep.toString(), "longer than a socket's may be");
    }

    @Test
    void a_port_that_somebody_else_has_is_told(@TempDir Path other) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ApiServer.start(other, Optional.of(server.port()), endpoints(), "1"))
                .withMessageContaining("bind");
    }

    @Test
    void its_end_waits_for_what_goes_on_and_takes_nothing_more_on() throws Exception {
        try (SocketChannel slow = local.open(Http.request("GET", "/v1/slow", ""))) {
            await(begun);
            CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> {
                try {
                    server.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Http.Answer late = local.get("/v1/openapi.json");
            while (late.status() == 200) {
                late = local.get("/v1/openapi.json");
            }
            refused(late, 503, "about to end", "ask again");
            assertThat(ended).isNotDone();
            goOn.countDown();
            ended.get();
            assertThat(new String(Channels.newInputStream(slow).readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("\"done\"\n");
        }
        assertThat(directory.resolve("api.sock")).doesNotExist();
    }

    @Test
    void an_event_is_there_at_once_and_who_has_gone_is_missed() throws Exception {
        try (SocketChannel channel = local.open(Http.request("GET", "/v1/events", ""))) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            assertThat(lines.lines()
                            .dropWhile(line -> !line.startsWith("event"))
                            .limit(2))
                    .containsExactly("event: first", "data: {\"line\":\"a\\nb\"}");
        }
        await(gone);
    }

    @Test
    void the_document_describes_what_there_is() throws Exception {
        JsonNode document = local.get("/v1/openapi.json").json();
        assertThat(document.get("openapi").asString()).startsWith("3.1");
        assertThat(document.get("info").get("version").asString()).isEqualTo("1.2.3");
        assertThat(document.get("paths").propertyNames())
                .containsExactly(
                        "/v1/echo/{name}",
                        "/v1/slow",
                        "/v1/flood",
                        "/v1/breaking",
                        "/v1/looked",
                        "/v1/broken",
                        "/v1/events",
                        "/v1/openapi.json");
        JsonNode echo = document.get("paths").get("/v1/echo/{name}").get("post");
        assertThat(echo.get("parameters").get(1).get("schema").get("type").asString())
                .isEqualTo("integer");
        JsonNode body = echo.at("/requestBody/content/application~1json/schema");
        assertThat(body.get("required").get(0).asString()).isEqualTo("list");
        assertThat(body.at("/properties/loud/type").asString()).isEqualTo("boolean");
        assertThat(document.at("/components/schemas/Echo/properties").propertyNames())
                .containsExactly("name", "list");
        assertThat(document.at("/components/schemas/Echo/properties/list/items/type")
                        .toString())
                .contains("string");
    }

    private static void refused(Http.Answer answer, int status, String message, String hint) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.error("code")).isNotEmpty();
        assertThat(answer.error("message")).contains(message);
        assertThat(answer.error("hint")).contains(hint);
    }

    private String permissions(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file)));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
