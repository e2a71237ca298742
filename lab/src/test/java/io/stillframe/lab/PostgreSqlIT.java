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
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real PostgreSQL in a real Debian, under write load, told of each freeze by its hook. */
@Tag("long")
class PostgreSqlIT {
    private static final int CLIENTS = 3;

    private static final String TABLE =
            "CREATE TABLE ledger (client int, number int, paid timestamptz DEFAULT clock_timestamp(), PRIMARY KEY (client, number))";

    /** Each commits one row after the other and tells outside of each when it is told that it is committed. */
    private static final String LOAD = """
            exec 3> /dev/virtio-ports/org.stillframe.lab.writer
            for client in $(seq %d); do
                number=0
                while :; do
                    number=$((number + 1))
                    echo "INSERT INTO ledger VALUES ($client, $number) RETURNING client || ' ' || number;"
                done | su -s /bin/sh postgres -c 'stdbuf -oL psql -X -A -t -q -d postgres' >&3 2> /dev/null &
            done
            exec 3>&-
            """;

    private static LabGuest guest;
    private static Acknowledgements acknowledged;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeAll
    static void boot() {
        Tool.out(Lab.tool("lab/debian-setup"));
        guest = LabGuest.up("it-postgresql", "--disk", "debian", "--memory", "1024");
        Await.until("PostgreSQL answers", () -> answers(guest.inside()));
        sql(guest.inside(), TABLE);
        guest.shell("cat > /run/load.sh <<'END'\n%sEND\nsetsid sh /run/load.sh < /dev/null > /dev/null 2>&1 &"
                .formatted(LOAD.formatted(CLIENTS)));
        acknowledged = new Acknowledgements(guest.directory().resolve("writer.log"));
        awaitCommits();
    }

    @AfterAll
    static void remove() {
        acknowledged.close();
        guest.close();
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
        cli.configure("freeze-limit: 60s\nhook-limit: 120s\nhooks: [postgresql]\n");
    }

    @Test
    void a_snapshot_holds_every_transaction_that_was_acknowledged_before_its_freeze_and_starts_cleanly() {
        JsonNode run = cli.json("snapshot", guest.name(), "--require", "application")
                .took("application")
                .run();
        assertThat(detail(run, "hook")).startsWith("postgresql: held for").contains("checkpoint made");
        Map<String, Long> before = acknowledged.before(frozenAt(run));
        assertThat(before).hasSize(CLIENTS);
        awaitCommits();

        String id = "sf-" + run.get("run").asString();
        assertThat(cli.json("verify", id).exits(0).json().toString()).contains("postgresql: held for");
        String name = guest.name() + " clone";
        JsonNode cloned = cli.json("clone", id, "--name", name).exits(0).json();
        guest.virsh("suspend"); // the processors are the clone's meanwhile
        try (ClonedGuest clone = ClonedGuest.start(cloned)) {
            Await.until("PostgreSQL of the clone answers", () -> answers(clone.inside()));
            Map<String, Long> held = ledger(clone.inside());
            before.forEach((client, number) -> assertThat(held.get(client))
                    .as("the last row of client %s, where %d was acknowledged", client, number)
                    .isGreaterThanOrEqualTo(number));
            assertThat(clone.inside().shell("cat /var/log/postgresql/*.log"))
                    .doesNotContain("PANIC", "invalid page", "could not read");
            assertThat(sql(clone.inside(), "SELECT client FROM ledger GROUP BY client HAVING count(*) <> max(number)"))
                    .as("clients with a gap in their rows")
                    .isBlank();
        } finally {
            guest.virsh("resume");
        }
        awaitCommits();
    }

    @Test
    void where_it_does_not_answer_and_nothing_less_will_do_no_guest_is_frozen() {
        guest.shell("systemctl stop postgresql");
        try {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name(), "--require", "application")
                    .exits(3)
                    .tells("HOOK");
            before.isUntouched();
            JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();
            assertThat(detail(run, "hook")).startsWith("not held: postgresql failed");
        } finally {
            guest.shell("systemctl start postgresql");
            goOn();
        }
    }

    @Test
    void where_it_is_started_anew_while_the_guest_is_held_the_snapshot_is_not_kept_as_more_than_it_is() {
        guest.shell(
                "mkdir -p /etc/stillframe/hooks.d && printf '#!/bin/sh\\n[ $1 = thaw ] || systemctl restart postgresql\\n' "
                        + "> /etc/stillframe/hooks.d/50-restarts && chmod +x /etc/stillframe/hooks.d/50-restarts");
        try {
            Scene before = Scene.of(guest);
            Cli.Done done =
                    cli.json("snapshot", guest.name(), "--hooks", "postgresql,installed", "--require", "application");
            done.exits(1).tells("CONSISTENCY");
            assertThat(done.run().get("error").get("message").asString()).contains("started anew");
            before.isUntouched();
            assertThat(guest.isFrozen()).isFalse();
        } finally {
            guest.shell("rm /etc/stillframe/hooks.d/50-restarts");
            goOn();
        }
    }

    /** Its clients ended with their server. */
    private static void goOn() {
        Await.until("PostgreSQL answers", () -> answers(guest.inside()));
        sql(guest.inside(), "TRUNCATE ledger");
        guest.shell("setsid sh /run/load.sh < /dev/null > /dev/null 2>&1 &");
        awaitCommits();
    }

    /** Many more than could have been on their way. */
    private static void awaitCommits() {
        long from = acknowledged.count();
        Await.until("the clients commit", () -> Math.abs(acknowledged.count() - from) > 50);
    }

    private static boolean answers(InGuest of) {
        return of.shell("su -s /bin/sh postgres -c 'psql -X -A -t -d postgres -c \"SELECT 1\"' 2> /dev/null; true")
                .strip()
                .equals("1");
    }

    private static String sql(InGuest of, String statement) {
        return of.shell("su -s /bin/sh postgres -c 'psql -X -A -t -q -v ON_ERROR_STOP=1 -d postgres' <<'END'\n%s;\nEND"
                .formatted(statement));
    }

    /** The last row of each client. */
    private static Map<String, Long> ledger(InGuest of) {
        Map<String, Long> rows = new TreeMap<>();
        sql(of, "SELECT client || ' ' || max(number) FROM ledger GROUP BY client")
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
