package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real database server in a real Debian, under write load, told of each freeze by its hook. */
@Tag("long")
@TestInstance(Lifecycle.PER_CLASS)
abstract class DatabaseServer {
    private static final int CLIENTS = 3;

    /** Each commits one row after the other and tells outside of each when it is told that it is committed. */
    private static final String LOAD = """
            exec 3> /dev/virtio-ports/org.stillframe.lab.writer
            for client in $(seq %d); do
                number=0
                while :; do
                    number=$((number + 1))
                    echo "INSERT INTO lab.ledger VALUES ($client, $number); SELECT '$client $number';"
                done | %s >&3 2> /dev/null &
            done
            exec 3>&-
            """;

    private final String name;
    private final String client;
    private final String held;
    private final String lost;

    private LabGuest guest;
    private Acknowledgements acknowledged;

    @TempDir
    private Path directory;

    private Cli cli;

    /**
     * Which one it is.
     *
     * @param name its hook's, and its service's
     * @param client a shell command that executes SQL from its input and prints rows, each as soon as it has it
     * @param held what the hook says at a freeze
     * @param lost what it says at a thaw where the server was started anew
     */
    DatabaseServer(String name, String client, String held, String lost) {
        this.name = name;
        this.client = client;
        this.held = held;
        this.lost = lost;
    }

    /** Whether its log, of a start on a snapshot's disk, tells of damage. */
    abstract boolean tellsOfDamage(InGuest clone);

    @BeforeAll
    void boot() {
        Tool.out(Lab.tool("lab/debian-setup"));
        guest = LabGuest.up("it-" + name, "--disk", "debian", "--memory", "1024");
        start(guest.inside());
        sql(guest.inside(), "CREATE SCHEMA lab");
        sql(guest.inside(), "CREATE TABLE lab.ledger (client int, number int, PRIMARY KEY (client, number))");
        guest.shell("cat > /run/load.sh <<'END'\n%sEND\nsetsid sh /run/load.sh < /dev/null > /dev/null 2>&1 &"
                .formatted(LOAD.formatted(CLIENTS, client)));
        acknowledged = new Acknowledgements(guest.directory().resolve("writer.log"));
        awaitCommits();
    }

    @AfterAll
    void remove() {
        if (acknowledged != null) {
            acknowledged.close();
        }
        if (guest != null) {
            guest.close();
        }
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
        cli.configure("freeze-limit: 60s\nhook-limit: 120s\nhooks: [%s]\n".formatted(name));
    }

    @Test
    void a_snapshot_holds_every_transaction_that_was_acknowledged_before_its_freeze_and_starts_cleanly() {
        JsonNode run = cli.json("snapshot", guest.name(), "--require", "application")
                .took("application")
                .run();
        assertThat(detail(run, "hook")).startsWith(name + ": held for").contains(held);
        Map<String, Long> before = acknowledged.before(frozenAt(run));
        assertThat(before).hasSize(CLIENTS);
        awaitCommits();

        String id = "sf-" + run.get("run").asString();
        assertThat(cli.json("verify", id).exits(0).json().toString()).contains(name + ": held for");
        JsonNode cloned = cli.json("clone", id, "--name", guest.name() + " clone")
                .exits(0)
                .json();
        guest.virsh("suspend"); // the processors are the clone's meanwhile
        try (ClonedGuest clone = ClonedGuest.start(cloned)) {
            start(clone.inside());
            Map<String, Long> held = ledger(clone.inside());
            before.forEach((client, number) -> assertThat(held.get(client))
                    .as("the last row of client %s, where %d was acknowledged", client, number)
                    .isGreaterThanOrEqualTo(number));
            assertThat(tellsOfDamage(clone.inside())).isFalse();
            assertThat(sql(
                            clone.inside(),
                            "SELECT client FROM lab.ledger GROUP BY client HAVING count(*) <> max(number)"))
                    .as("clients with a gap in their rows")
                    .isBlank();
        } finally {
            guest.virsh("resume");
        }
        awaitCommits();
    }

    @Test
    void where_it_does_not_answer_and_nothing_less_will_do_no_guest_is_frozen() {
        guest.shell("systemctl stop " + name);
        try {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name(), "--require", "application")
                    .exits(3)
                    .tells("HOOK");
            before.isUntouched();
            JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();
            assertThat(detail(run, "hook")).startsWith("not held: %s failed".formatted(name));
        } finally {
            goOn();
        }
    }

    @Test
    void where_it_is_started_anew_while_the_guest_is_held_the_snapshot_is_not_kept_as_more_than_it_is() {
        guest.shell("mkdir -p /etc/stillframe/hooks.d && printf '#!/bin/sh\\n[ $1 = thaw ] || systemctl restart %s\\n' "
                        .formatted(name)
                + "> /etc/stillframe/hooks.d/50-restarts && chmod +x /etc/stillframe/hooks.d/50-restarts");
        try {
            Scene before = Scene.of(guest);
            Cli.Done done =
                    cli.json("snapshot", guest.name(), "--hooks", name + ",installed", "--require", "application");
            done.exits(1).tells("CONSISTENCY");
            assertThat(done.run().get("error").get("message").asString()).contains(lost);
            before.isUntouched();
            assertThat(guest.isFrozen()).isFalse();
        } finally {
            guest.shell("rm /etc/stillframe/hooks.d/50-restarts");
            goOn();
        }
    }

    /** Its clients ended with their server. */
    private void goOn() {
        start(guest.inside());
        sql(guest.inside(), "TRUNCATE lab.ledger");
        guest.shell("setsid sh /run/load.sh < /dev/null > /dev/null 2>&1 &");
        awaitCommits();
    }

    private void start(InGuest of) {
        of.shell("systemctl start " + name);
        Await.until(
                name + " answers",
                () -> of.shell("echo 'SELECT 1;' | %s 2> /dev/null; true".formatted(client))
                        .strip()
                        .equals("1"));
    }

    /** Many more than could have been on their way. */
    private void awaitCommits() {
        long from = acknowledged.count();
        Await.until("the clients commit", () -> Math.abs(acknowledged.count() - from) > 50);
    }

    private String sql(InGuest of, String statement) {
        return of.shell("%s <<'END'\n%s;\nEND".formatted(client, statement));
    }

    /** The last row of each client. */
    private Map<String, Long> ledger(InGuest of) {
        Map<String, Long> rows = new TreeMap<>();
        sql(of, "SELECT concat(client, ' ', max(number)) FROM lab.ledger GROUP BY client")
                .lines()
                .map(line -> line.split(" ", -1))
                .forEach(words -> rows.put(words[0], Long.parseLong(words[1])));
        return rows;
    }

    /** When its run was journaled as frozen: what was seen before that moment was acknowledged before it. */
    private Instant frozenAt(JsonNode run) {
        return cli.json("show", run.get("run").asString())
                .exits(0)
                .json()
                .get("transitions")
                .valueStream()
                .filter(transition -> transition.get("state").asString().equals("FROZEN"))
                .map(transition -> Instant.parse(transition.get("at").asString()))
                .findFirst()
                .orElseThrow();
    }

    private static String detail(JsonNode run, String check) {
        return run.get("evidence")
                .valueStream()
                .filter(item -> item.get("check").asString().equals(check))
                .map(item -> item.get("detail").asString())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no evidence '%s' in %s".formatted(check, run)));
    }
}
