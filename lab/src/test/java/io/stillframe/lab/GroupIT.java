package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Three real guests at one instant, or none of them. */
class GroupIT {
    private static LabGuest db;
    private static LabGuest web;
    private static LabGuest cache;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeAll
    static void boot() {
        db = LabGuest.up("it-group-db");
        web = LabGuest.up("it-group-web");
        cache = LabGuest.up("it-group-cache");
    }

    @AfterAll
    static void remove() {
        guests().forEach(LabGuest::close);
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
    }

    @Test
    void three_guests_are_taken_at_one_instant_and_the_skew_is_told() {
        Done done = takeGroup().took("filesystem");
        JsonNode group = done.json().get("group");
        assertThat(group.get("oneInstant").asBoolean()).isTrue();
        assertThat(group.get("skewMillis").asDouble()).isPositive();
        assertThat(group.get("togetherMillis").asDouble()).isNotNegative();
        assertThat(group.get("runs").size()).isEqualTo(3);
        for (LabGuest guest : guests().toList()) {
            JsonNode run = runOf(guest, done);
            assertThat(run.get("state").asString()).isEqualTo("COMPLETED");
            assertThat(run.get("consistency").asString()).isEqualTo("filesystem");
            SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda");
            assertThat(guest.isFrozen()).isFalse();
        }

        assertThat(cli.text("show", runOf(web, done).get("run").asString()).exits(0).out())
                .contains("group %s  of one instant: taken within ".formatted(group.get("group").asString()));
    }

    @Test
    void with_one_member_whose_agent_is_silent_nothing_is_left_of_any() {
        AgentProcess agent = AgentProcess.of(cache, "STOP");
        List<Scene> before = guests().map(Scene::of).toList();
        Done done;
        agent.end();
        try {
            done = takeGroup().exits(3);
            before.forEach(Scene::isUntouched);
        } finally {
            agent.bringBack();
        }

        assertThat(done.json().get("group").get("oneInstant").asBoolean()).isFalse();
        assertThat(codeOf(cache, done)).isEqualTo("AGENT");
        assertThat(codeOf(db, done)).isEqualTo("GROUP");
        assertThat(codeOf(web, done)).isEqualTo("GROUP");
        assertThat(cli.json("snapshots").exits(0).json().get("snapshots")).isEmpty();
        guests().forEach(guest -> {
            guest.awaitWriting();
            assertThat(guest.isFrozen()).isFalse();
            assertThat(new Aftermath(cli, guest).unfinished()).isEmpty();
        });
    }

    private Done takeGroup() {
        return cli.json("snapshot", db.name(), web.name(), cache.name(), "--group");
    }

    private static String codeOf(LabGuest guest, Done done) {
        return runOf(guest, done).get("error").path("code").asString("");
    }

    private static JsonNode runOf(LabGuest guest, Done done) {
        return done.json()
                .get("runs")
                .valueStream()
                .filter(run -> run.get("vm").asString().equals(guest.name()))
                .findFirst()
                .orElseThrow();
    }

    private static Stream<LabGuest> guests() {
        return Stream.of(db, web, cache);
    }
}
