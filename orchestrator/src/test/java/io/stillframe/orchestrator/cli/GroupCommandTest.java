package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class GroupCommandTest {
    @TempDir
    private Path images;

    private FakeSite site;
    private FakeGuest web;

    @BeforeEach
    void host(@TempDir Path directory) throws IOException {
        site = new FakeSite(directory);
        guest("db01");
        web = guest("web01");
    }

    @Test
    void a_group_is_taken_at_one_instant_and_says_within_what_time() {
        assertThat(site.run("snapshot", "db01", "web01", "--group"))
                .as(site.err())
                .isZero();
        assertThat(site.out())
                .contains("vm 'db01'  COMPLETED", "vm 'web01'  COMPLETED", "ok  group: of one instant with vm 'web01'")
                .containsPattern("group \\w{12}  of one instant: taken within [0-9.]+ ms");
    }

    @Test
    void as_a_document_it_has_its_runs_and_its_proof() {
        assertThat(site.run("snapshot", "db01", "web01", "--group", "--json"))
                .as(site.err())
                .isZero();
        assertThat(FakeSite.names(site.json())).containsExactly("runs", "group");
        JsonNode group = site.json().get("group");
        assertThat(FakeSite.names(group))
                .containsExactly("group", "rule", "runs", "oneInstant", "skewMillis", "togetherMillis");
        assertThat(group.get("oneInstant").asBoolean()).isTrue();
        String run = site.json().get("runs").get(0).get("run").asString();
        assertThat(site.run("show", run, "--json")).isZero();
        assertThat(site.json().get("group")).isEqualTo(group);
    }

    @Test
    void where_one_fails_none_is_kept() {
        web.faults().on("freeze", Kind.REFUSED);
        assertThat(site.run("snapshot", "db01", "web01", "--group", "--json")).isEqualTo(1);
        assertThat(site.json().get("group").get("oneInstant").asBoolean()).isFalse();
        assertThat(site.err()).contains("no snapshot of vm 'db01' is kept, for there is none of its whole group");
        assertThat(site.snapshots()).isEmpty();
    }

    @Test
    void unless_the_others_are_to_be_kept() {
        web.faults().on("freeze", Kind.REFUSED);
        assertThat(site.run("snapshot", "db01", "web01", "--group", "--keep-others"))
                .isEqualTo(1);
        assertThat(site.out())
                .contains("vm 'db01'  COMPLETED", "no  group: of this machine alone", "not of one instant");
        assertThat(site.snapshots()).hasSize(1);
    }

    @Test
    void a_group_of_one_is_none() {
        assertThat(site.run("snapshot", "db01", "--group")).isEqualTo(2);
        assertThat(site.err()).contains("a group is of two machines at least; nothing was touched");
        assertThat(site.run("snapshot", "db01", "web01", "--keep-others")).isEqualTo(2);
        assertThat(site.err()).contains("--keep-others goes with --group");
        assertThat(site.snapshots()).isEmpty();
    }

    private FakeGuest guest(String name) throws IOException {
        return site.guest(name).with("vda", Files.writeString(images.resolve(name + ".qcow2"), "image"));
    }
}
