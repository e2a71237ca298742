package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import io.stillframe.lab.Interposer.Point;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Three real guests at one instant, or none of them. */
class GroupIT {
    private static LabGuest db;
    private static LabGuest web;
    private static LabGuest cache;
    private static String[] group;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeAll
    static void boot() {
        db = LabGuest.up("it-group-db");
        web = LabGuest.up("it-group-web");
        cache = LabGuest.up("it-group-cache", "--kernel-arg", "lab.hook=on");
        group = new String[] {"snapshot", db.name(), web.name(), cache.name(), "--group"};
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
        JsonNode proof = done.json().get("group");
        System.out.println("a group of three guests: " + proof);
        assertThat(proof.get("oneInstant").asBoolean()).isTrue();
        assertThat(proof.get("skewMillis").asDouble()).isPositive();
        assertThat(proof.get("togetherMillis").asDouble()).isNotNegative();
        assertThat(proof.get("runs").size()).isEqualTo(3);
        for (LabGuest guest : guests().toList()) {
            JsonNode run = runOf(guest, done);
            assertThat(run.get("state").asString()).isEqualTo("COMPLETED");
            assertThat(run.get("consistency").asString()).isEqualTo("filesystem");
            SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda");
            assertThat(guest.isFrozen()).isFalse();
        }

        assertThat(cli.text("show", runOf(web, done).get("run").asString())
                        .exits(0)
                        .out())
                .contains("group %s  of one instant: taken within "
                        .formatted(proof.get("group").asString()));
    }

    @Test
    void with_one_member_that_cannot_be_frozen_everything_is_taken_back_of_all() {
        List<Scene> before = guests().map(Scene::of).toList();
        cache.shell("echo 1 > /run/hook.exit");
        Done done;
        try {
            done = takeGroup().exits(1);
        } finally {
            cache.shell("rm /run/hook.exit");
        }

        before.forEach(Scene::isUntouched);
        assertThat(done.json().get("group").get("oneInstant").asBoolean()).isFalse();
        assertThat(codeOf(cache, done)).isEqualTo("FREEZE");
        assertThat(codeOf(db, done)).isEqualTo("GROUP");
        assertThat(codeOf(web, done)).isEqualTo("GROUP");
        assertThat(cli.json("snapshots").exits(0).json().get("snapshots")).isEmpty();
        guests().forEach(GroupIT::isFree);
    }

    /** All of them are taken then, and none is released. */
    @Test
    void a_group_whose_process_is_killed_before_its_proof_is_taken_back_as_a_whole() {
        List<Scene> before = guests().map(Scene::of).toList();
        Interposer interposer = new Interposer(cli, directory);
        Tool.Running running = interposer.killedAt("StorageDriver.update", group);
        interposer.reached();
        running.end();

        guests().forEach(GroupIT::isFree);
        assertThat(statesOncePutRight()).containsOnly("FAILED");
        before.forEach(Scene::isUntouched);
        assertThat(cli.json("snapshots").exits(0).json().get("snapshots")).isEmpty();
    }

    /** The last that a run does is to say that it is done, and all do so after the proof. */
    @Test
    @Tag("long")
    void one_that_is_killed_where_its_runs_end_is_all_there_or_none_of_it() {
        Interposer interposer = new Interposer(cli, directory);
        List<Point> ends = interposer.points(group).stream()
                .filter(point -> point.name().equals("Clock.instant"))
                .toList();
        interposer.killedAt(ends.get(ends.size() - 2), group).end();

        guests().forEach(GroupIT::isFree);
        List<String> states = statesOncePutRight();
        System.out.println("a group that was killed where its runs end: " + states);
        assertThat(Set.copyOf(states)).isSubsetOf("COMPLETED", "FAILED").hasSize(1);
        String run = cli.lastRun(db, 0).get("run").asString();
        assertThat(cli.json("show", run)
                        .exits(0)
                        .json()
                        .get("group")
                        .get("oneInstant")
                        .asBoolean())
                .isEqualTo(states.contains("COMPLETED"));
    }

    private Done takeGroup() {
        return cli.json(group[0], Arrays.copyOfRange(group, 1, group.length));
    }

    /** Of the newest run of each, after a recovery that leaves nothing to a second one. */
    private List<String> statesOncePutRight() {
        cli.json("reconcile").exits(0);
        assertThat(cli.json("reconcile").exits(0).json().get("findings")).isEmpty();
        return guests().map(guest -> cli.lastRun(guest, 0).get("state").asString())
                .toList();
    }

    private static void isFree(LabGuest guest) {
        guest.awaitWriting();
        assertThat(guest.isFrozen()).isFalse();
        assertThat(guest.state()).isEqualTo("running");
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
