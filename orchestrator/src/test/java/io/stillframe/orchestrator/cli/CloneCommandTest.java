package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class CloneCommandTest extends OneMachine {
    @Test
    void a_clone_is_told_in_json_with_stable_names() {
        String id = site.snapshot("db01");
        assertThat(site.run("clone", id, "--name", "db02", "--json"))
                .as(site.err())
                .isZero();
        assertThat(names(site.json())).containsExactly("job", "volumes", "vm", "uuid", "remarks", "error");
        assertThat(names(site.json().get("job")))
                .containsExactly(
                        "job",
                        "kind",
                        "snapshot",
                        "vm",
                        "uuid",
                        "name",
                        "state",
                        "startedAt",
                        "endedAt",
                        "changes",
                        "error");
        assertThat(site.json().get("job").get("state").asString()).isEqualTo("DONE");
        assertThat(site.json().get("vm").asString()).isEqualTo("db02");
        FakeGuest clone = site.guests.get(1);
        assertThat(site.json().get("uuid").asString())
                .isEqualTo(clone.id().uuid().toString())
                .isNotEqualTo(db01.id().uuid().toString());
        JsonNode volume = site.json().get("volumes").get(0);
        assertThat(names(volume)).containsExactly("disk", "path", "format");
        assertThat(clone.defined("vda")).hasToString(volume.get("path").asString());
        assertThat(clone.state()).isEqualTo(DomainState.SHUT_OFF);
    }

    @Test
    void a_clone_without_a_name_makes_volumes_and_no_machine() {
        String id = site.snapshot("db01");
        assertThat(site.run("clone", id)).isZero();
        assertThat(site.out()).startsWith("vda  /clones/");
        assertThat(site.guests).containsExactly(db01);
    }

    @Test
    void a_name_that_is_taken_is_refused_before_anything_is_made() {
        String id = site.snapshot("db01");
        assertThat(site.run("clone", id, "--name", "db01", "--json")).isEqualTo(3);
        assertThat(site.json().get("error").get("code").asString()).isEqualTo("DEFINITION");
        assertThat(site.json().get("job").isNull()).isTrue();
        assertThat(db01.faults().calls()).doesNotContain("store.makeClone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "a\nb"})
    void a_name_that_libvirt_does_not_take_is_refused_before_anything_is_made(String name) {
        String id = site.snapshot("db01");
        assertThat(site.run("clone", id, "--name", name)).isEqualTo(3);
        assertThat(site.err()).contains("is no name for a vm");
        assertThat(db01.faults().calls()).doesNotContain("store.makeClone");
    }

    @Test
    void a_name_that_is_too_long_for_libvirts_files_is_refused_before_anything_is_made() {
        String id = site.snapshot("db01");
        assertThat(site.run("clone", id, "--name", "ä".repeat(124))).isEqualTo(3);
        assertThat(site.err()).contains("longer than 247 bytes");
        assertThat(site.run("clone", id, "--name", "a".repeat(247))).isZero();
    }

    @Test
    void a_machine_of_which_no_other_can_be_made_is_refused_before_anything_is_copied() {
        String id = site.snapshot("db01");
        db01.faults().on("planClone", Kind.REFUSED);
        assertThat(site.run("clone", id, "--name", "db02")).isEqualTo(3);
        assertThat(site.err()).contains("no vm 'db02' can be defined like vm 'db01'", "clone without --name");
        assertThat(db01.faults().calls()).doesNotContain("store.makeClone");
        assertThat(site.run("runs")).isZero();
        db01.faults().on("planClone", Kind.REFUSED);
        assertThat(site.run("clone", id)).as("without a machine").isZero();
    }

    @Test
    void a_clone_whose_machine_cannot_be_defined_leaves_nothing_behind() {
        String id = site.snapshot("db01");
        db01.faults().on("defineClone", Kind.REFUSED);
        assertThat(site.run("clone", id, "--name", "db02")).isEqualTo(1);
        assertThat(site.err()).contains("error: the clone of snapshot " + id, "nothing of it is left");
        assertThat(site.storage.volumes()).noneMatch(volume -> volume.startsWith("/clones/"));
        assertThat(site.guests).containsExactly(db01);
    }

    @Test
    void of_a_machine_that_is_no_more_volumes_are_cloned_and_no_machine() {
        String id = site.snapshot("db01");
        site.undefine(db01);
        assertThat(site.run("clone", id, "--name", "db02")).isEqualTo(3);
        assertThat(site.err()).contains("no vm 'db02' can be defined: vm 'db01'", "is no more", "without --name");
        assertThat(db01.faults().calls()).doesNotContain("store.makeClone");
        assertThat(site.run("clone", id)).as(site.err()).isZero();
        assertThat(site.out()).startsWith("vda  /clones/");
    }

    @Test
    void an_interrupted_clone_leaves_nothing_behind() {
        String id = site.snapshot("db01");
        site.interrupted = () -> db01.faults().calls().contains("store.makeClone");
        assertThat(site.run("clone", id)).isEqualTo(130);
        assertThat(site.storage.volumes()).noneMatch(volume -> volume.startsWith("/clones/"));
        site.interrupted = () -> false;
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).isEqualTo("nothing to reconcile\n");
    }

    @Test
    void a_snapshot_is_named_by_its_beginning_or_as_the_latest_of_its_machine() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        assertThat(site.run("clone", first.substring(3, 12), "--json")).isZero();
        assertThat(site.json().get("job").get("snapshot").asString()).isEqualTo(first);
        assertThat(site.run("clone", "db01@latest", "--json")).isZero();
        assertThat(site.json().get("job").get("snapshot").asString()).isEqualTo(second);
        String job = site.json().get("job").get("job").asString();
        assertThat(site.run("show", job, "--json")).isZero();
        assertThat(site.json().get("job").get("kind").asString()).isEqualTo("CLONE");
        assertThat(site.run("show", job)).isZero();
        assertThat(site.out()).contains("DONE", "the clone of snapshot " + second, " -> /clones/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"000000000009", "web@latest", "@latest", "sf-", "%", "../x"})
    void a_snapshot_that_nobody_knows_is_refused(String named) {
        site.snapshot("db01");
        assertThat(site.run("clone", named, "--json")).isEqualTo(3);
        assertThat(site.json().get("error").get("code").asString()).isEqualTo("UNKNOWN_RUN");
    }
}
