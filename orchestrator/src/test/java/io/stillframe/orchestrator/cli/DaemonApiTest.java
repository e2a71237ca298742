package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.RunState;
import io.stillframe.guest.Faults;
import io.stillframe.orchestrator.api.Http;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A daemon that is asked over its real socket, and commands that find it there. */
@Timeout(120)
class DaemonApiTest extends OneMachine {
    private static final List<String> ITS_OWN = List.of("daemon", "sentinel");

    private volatile boolean end;
    private CompletableFuture<Integer> daemon = CompletableFuture.completedFuture(0);
    /** Another process on the same host: it could do nothing by itself. */
    private FakeSite other;

    private Http api;

    @BeforeEach
    void another() {
        other = new FakeSite(site.socket().getParent());
        other.held = Optional.of(FakeSite.heldByAnother());
        api = Http.at(site.socket());
        site.interrupted = () -> end;
    }

    @AfterEach
    void endDaemon() throws Exception {
        end = true;
        daemon.get();
    }

    private void startDaemon() {
        daemon = CompletableFuture.supplyAsync(() -> site.run("daemon"));
        until(() -> site.stderr().contains("policies: ") && answers());
    }

    private boolean answers() {
        try {
            return api.get("/v1/health").json().get("status").asString().equals("serving");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void a_command_ends_and_prints_the_same_whether_a_daemon_executes_it_or_not() throws Exception {
        site.policies(policy("schedule: \"@yearly\""));
        String id = site.snapshot("db01");
        site.snapshot("db01");
        List<List<String>> commands = List.of(
                List.of("runs"),
                List.of("runs", "--json"),
                List.of("runs", "nobody"),
                List.of("snapshots", "--json", "db01"),
                List.of("snapshots", "db01"),
                List.of("show", id),
                List.of("--json", "show", id),
                List.of("show", "zzz"),
                List.of("show", "zzz", "--json"),
                List.of("snapshot", "nobody", "--json"),
                List.of("snapshot", "db01", "--require", "perfect"),
                List.of("delete", id, "--yes", "--frob"),
                List.of("reconcile", "--dry-run"),
                List.of("runs", "--help"));
        List<String> here = new ArrayList<>();
        commands.forEach(command -> here.add(told(site, site.run(command.toArray(String[]::new)))));
        startDaemon();
        for (int i = 0; i < commands.size(); i++) {
            int status = other.run(commands.get(i).toArray(String[]::new));
            assertThat(told(other, status)).as("%s", commands.get(i)).isEqualTo(here.get(i));
        }
    }

    private static String told(FakeSite site, int status) {
        return "%d%n%s%n%s".formatted(status, site.out(), site.err());
    }

    @Test
    void a_snapshot_is_taken_by_the_daemon() throws Exception {
        startDaemon();
        assertThat(other.run("snapshot", "db01", "--json")).as(other.err()).isZero();
        assertThat(other.json().get("runs").get(0).get("state").asString()).isEqualTo("COMPLETED");
        assertThat(db01.faults().count("switchTo")).isEqualTo(1);
    }

    @Test
    void an_interruption_of_the_command_ends_the_run_in_the_daemon_in_good_order() throws Exception {
        startDaemon();
        CountDownLatch freezing = new CountDownLatch(1);
        other.interrupted = () -> freezing.getCount() == 0;
        db01.faults().before("freeze", () -> {
            freezing.countDown();
            until(() -> site.served.orElseThrow().interrupted().getAsBoolean());
        });
        assertThat(other.run("snapshot", "db01")).as(other.err()).isEqualTo(130);
        assertThat(other.err()).contains("interrupted; nothing of it is left");
        assertThatNothingIsLeft();
    }

    @Test
    void a_command_whose_process_is_killed_is_ended_in_good_order() throws Exception {
        startDaemon();
        CountDownLatch freezing = new CountDownLatch(1);
        db01.faults().before("freeze", () -> {
            freezing.countDown();
            until(() -> site.served.orElseThrow().interrupted().getAsBoolean());
        });
        SocketChannel killed =
                api.open(Http.request("POST", "/v1/commands", "{\"arguments\": [\"snapshot\", \"db01\"]}"));
        freezing.await();
        killed.close();
        until(() -> runs().stream().anyMatch(run -> run.state() == RunState.FAILED));
        assertThatNothingIsLeft();
    }

    private void assertThatNothingIsLeft() {
        until(() -> !db01.isFrozen());
        assertThat(db01.faults().count("switchTo")).isZero();
        assertThat(runs()).extracting(RunOf::state).containsExactly(RunState.FAILED);
    }

    /** As the daemon tells them: nobody else can open the journal while somebody uses it. */
    private List<RunOf> runs() {
        try {
            List<RunOf> runs = new ArrayList<>();
            api.get("/v1/runs")
                    .json()
                    .get("runs")
                    .forEach(run ->
                            runs.add(new RunOf(RunState.valueOf(run.get("state").asString()))));
            return runs;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private record RunOf(RunState state) {}

    @Test
    void a_question_is_asked_where_the_command_was_given() throws Exception {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        startDaemon();
        other.terminal.interactive = true;
        assertThat(other.run("delete", first, second)).isEqualTo(3);
        assertThat(other.terminal.questions).singleElement().asString().contains("2 snapshots are deleted");
        assertThat(other.err()).contains("not confirmed");
        other.terminal.yes = true;
        assertThat(other.run("delete", first, second)).as(other.err()).isZero();
        assertThat(other.out()).contains("snapshot %s of vm 'db01' is deleted".formatted(first));
        other.terminal.interactive = false;
        assertThat(other.run("revert", second)).isEqualTo(3);
    }

    @Test
    void a_daemon_begins_no_other_daemon() throws Exception {
        startDaemon();
        for (String command : ITS_OWN) {
            Http.Answer answer = api.post("/v1/commands", "{\"arguments\": [\"%s\"]}".formatted(command));
            assertThat(answer.body()).contains("a daemon executes no such command", "{\"status\":3}");
        }
    }

    @Test
    void a_socket_that_nobody_listens_at_is_none() throws Exception {
        Files.createFile(site.socket());
        assertThat(site.run("snapshot", "db01")).as(site.err()).isZero();
    }

    @Test
    void what_became_of_a_command_whose_daemon_died_is_not_known() throws Exception {
        try (ServerSocketChannel dying = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dying.bind(UnixDomainSocketAddress.of(site.socket()));
            CompletableFuture<Void> death = answersOnce(dying, "event: working\ndata: {}\n\n");
            assertThat(other.run("snapshot", "db01")).isEqualTo(4);
            death.get();
        }
        assertThat(other.err()).contains("a guest may still be frozen", "hint: run 'stillframe reconcile'");
    }

    @Test
    void a_fault_in_the_daemon_is_told_with_its_message() throws Exception {
        try (ServerSocketChannel broken = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            broken.bind(UnixDomainSocketAddress.of(site.socket()));
            CompletableFuture<Void> answered =
                    answersOnce(broken, "event: problem\ndata: {\"error\":{\"message\":\"it broke: why\"}}\n\n");
            assertThat(other.run("snapshot", "db01")).isEqualTo(4);
            answered.get();
        }
        assertThat(other.err()).contains("(it broke: why)");
    }

    /** A daemon that dies when it has sent these. */
    private static CompletableFuture<Void> answersOnce(ServerSocketChannel daemon, String events) {
        return CompletableFuture.runAsync(() -> {
            try (SocketChannel channel = daemon.accept()) {
                readRequest(channel);
                channel.write(ByteBuffer.wrap(("HTTP/1.1 200 OK\r\n\r\n" + events).getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** To its end: whoever still writes when the other end is closed learns nothing of the answer. */
    private static void readRequest(SocketChannel channel) throws IOException {
        BufferedReader request = new BufferedReader(
                new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.ISO_8859_1));
        int length = 0;
        for (String line = request.readLine(); !line.isEmpty(); line = request.readLine()) {
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(line.indexOf(' ') + 1));
            }
        }
        for (int read = 0; read < length; read++) {
            assertThat(request.read()).as("the request's end").isNotNegative();
        }
    }

    @Test
    void a_command_that_finds_a_daemon_that_does_not_listen_yet_waits_for_it() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        other.held = Optional.empty();
        other.beforeHold = () -> {
            if (tries.incrementAndGet() == 2) {
                startDaemon();
            }
            throw new DaemonSilent("nothing was touched: a daemon holds it, but does not answer", "end it");
        };
        assertThat(other.run("runs")).as(other.err()).isZero();
        assertThat(tries).hasValue(2);
    }

    @Test
    void a_daemon_that_goes_on_not_listening_is_told() {
        other.held =
                Optional.of(new DaemonSilent("nothing was touched: a daemon holds it, but does not answer", "end it"));
        assertThat(other.run("runs")).isEqualTo(3);
        assertThat(other.err()).contains("but does not answer").contains("hint: end it");
    }

    @Test
    void everything_can_be_asked_as_documents() throws Exception {
        site.policies(policy("schedule: \"@yearly\"", "keep: { last: 5 }"));
        startDaemon();
        JsonNode taken = good(api.post("/v1/snapshots", "{\"vms\": [\"db01\"], \"require\": \"crash\"}"));
        String run = taken.get("runs").get(0).get("run").asString();
        site.stored(taken.get("runs").get(0));
        assertThat(good(api.get("/v1/runs?vm=db01")).get("runs")).hasSize(1);
        assertThat(good(api.get("/v1/runs/" + run)).get("run").get("state").asString())
                .isEqualTo("COMPLETED");
        assertThat(good(api.get("/v1/snapshots"))
                        .get("snapshots")
                        .get(0)
                        .get("run")
                        .asString())
                .isEqualTo(run);
        assertThat(good(api.get("/v1/snapshots/sf-" + run))
                        .get("snapshot")
                        .get("id")
                        .asString())
                .isEqualTo("sf-" + run);
        assertThat(good(api.get("/v1/policies"))
                        .get("policies")
                        .get(0)
                        .get("policy")
                        .asString())
                .isEqualTo("p");
        assertThat(good(api.get("/v1/next?count=3")).get("next")).hasSize(3);
        assertThat(good(api.get("/v1/policies/p/next?count=2")).get("next")).hasSize(2);
        assertThat(good(api.get("/v1/policies/p/explain"))
                        .get("machines")
                        .get(0)
                        .get("snapshots"))
                .hasSize(1);
        assertThat(good(api.get("/v1/policies/p/plan")).get("policy").asString())
                .isEqualTo("p");
        assertThat(good(api.post("/v1/policies/p/run", "")).get("machines")).hasSize(1);
        assertThat(good(api.get("/v1/reconcile")).get("findings")).isEmpty();
        assertThat(good(api.post("/v1/reconcile", "{\"adopt\": false}")).get("findings"))
                .isEmpty();
        assertThat(good(api.post("/v1/thaw", "{\"vm\": \"db01\"}")).get("vm").asString())
                .isEqualTo("db01");
        JsonNode health = good(api.get("/v1/health"));
        assertThat(health.get("version").asString()).isEqualTo(Stillframe.VERSION);
        assertThat(health.get("policies").asInt()).isEqualTo(1);
    }

    @Test
    void a_snapshot_is_deleted_by_its_name() throws Exception {
        site.snapshot("db01");
        startDaemon();
        assertThat(good(api.delete("/v1/snapshots/db01@latest"))
                        .get("snapshots")
                        .get(0)
                        .get("deleted")
                        .asBoolean())
                .isTrue();
        assertThat(good(api.get("/v1/snapshots")).get("snapshots")).isEmpty();
    }

    @Test
    void what_cannot_be_done_is_told_with_a_fitting_status() throws Exception {
        startDaemon();
        bad(api.get("/v1/runs/zzz"), 404, "no run, snapshot or job 'zzz'");
        bad(api.get("/v1/runs/zzz/events"), 404, "no run 'zzz'");
        bad(api.get("/v1/policies/q/explain"), 404, "no policy 'q'");
        bad(api.get("/v1/next?count=0"), 400, "--count is 1 to 10000");
        bad(api.post("/v1/thaw", "{\"vm\": \"nobody\"}"), 404, "no vm 'nobody'");
        bad(api.post("/v1/commands/zzz/answer", "{\"yes\": true}"), 404, "no command 'zzz'");
        bad(api.post("/v1/snapshots", "{\"vms\": [\"db01\"], \"require\": \"perfect\"}"), 400, "perfect");
        site.held = Optional.of(FakeSite.heldByAnother());
        bad(api.post("/v1/reconcile", "{}"), 409, "holds it");
    }

    @Test
    void a_machine_whose_name_looks_like_an_option_is_a_machine() throws Exception {
        startDaemon();
        bad(api.post("/v1/thaw", "{\"vm\": \"--state-dir=/elsewhere\"}"), 404, "no vm '--state-dir=/elsewhere'");
        assertThat(good(api.get("/v1/runs?vm=--help")).get("runs")).isEmpty();
    }

    @Test
    void a_run_is_followed_while_it_goes_on() throws Exception {
        startDaemon();
        CountDownLatch switching = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        db01.faults().before("switchTo", () -> {
            switching.countDown();
            await(goOn);
        });
        CompletableFuture<Integer> snapshot = CompletableFuture.supplyAsync(() -> other.run("snapshot", "db01"));
        switching.await();
        String run = api.get("/v1/runs").json().at("/runs/0/run").asString();
        try (SocketChannel channel = api.open(Http.request("GET", "/v1/runs/%s/events".formatted(run), ""))) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            List<String> states = new ArrayList<>();
            String line = lines.readLine();
            while (line != null && !line.equals("event: end")) {
                if (line.startsWith("data: ")) {
                    states.add(JsonMapper.shared()
                            .readTree(line.substring(6))
                            .get("state")
                            .asString());
                    if (states.contains("QUIESCED") || states.contains("FROZEN")) {
                        goOn.countDown();
                    }
                }
                line = lines.readLine();
            }
            assertThat(states)
                    .startsWith("PLANNED", "PREPARED", "FREEZING", "FROZEN")
                    .endsWith("RELEASED", "COMPLETED");
            assertThat(lines.readLine()).contains("\"state\":\"COMPLETED\"");
        }
        assertThat(snapshot.get()).isZero();
    }

    @Test
    void a_run_whose_guest_cannot_be_released_is_not_followed_for_ever() throws Exception {
        db01.withoutSysrq().faults().before("freeze", () -> db01.faults().on("thaw", Faults.Kind.REFUSED, 1_000_000));
        site.run("snapshot", "db01", "--json");
        String run = site.json().at("/runs/0/run").asString();
        startDaemon();
        assertThat(api.get("/v1/runs/%s/events".formatted(run)).body())
                .contains("event: state", "event: end", "\"state\":\"THAW_OVERDUE\"");
        db01.faults().clear("thaw");
    }

    @Test
    void what_is_answered_is_what_the_document_says() throws Exception {
        site.snapshot("db01");
        startDaemon();
        JsonNode document = good(api.get("/v1/openapi.json"));
        for (String path : List.of("/v1/runs", "/v1/snapshots", "/v1/health", "/v1/policies", "/v1/reconcile")) {
            JsonNode schema = document.get("paths").get(path).at("/get/responses/200/content/application~1json/schema");
            assertFits(document, schema, good(api.get(path)), path);
        }
    }

    /** Every field that is there is in the schema, and the other way round. */
    private static void assertFits(JsonNode document, JsonNode schema, JsonNode answer, String where) {
        JsonNode meant =
                schema.has("$ref") ? document.at(schema.get("$ref").asString().substring(1)) : schema;
        if (meant.has("properties") && !answer.isNull()) {
            assertThat(new TreeSet<>(answer.propertyNames()))
                    .as(where)
                    .isEqualTo(new TreeSet<>(meant.get("properties").propertyNames()));
            meant.get("properties")
                    .properties()
                    .forEach(of ->
                            assertFits(document, of.getValue(), answer.get(of.getKey()), where + "." + of.getKey()));
        } else if (meant.has("items")) {
            answer.forEach(element -> assertFits(document, meant.get("items"), element, where + "[]"));
        }
    }

    private static JsonNode good(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static void bad(Http.Answer answer, int status, String message) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(message);
        assertThat(answer.error("message")).contains(message);
    }

    /** Looks again until it is so; the test's own time limit ends it otherwise. */
    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
