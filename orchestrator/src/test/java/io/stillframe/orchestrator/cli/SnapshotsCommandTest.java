package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.SnapshotState;
import io.stillframe.guest.Faults.Kind;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SnapshotsCommandTest extends OneMachine {
    @Test
    void snapshots_are_a_tree_in_which_the_machine_has_its_place() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out().lines().map(String::stripTrailing))
                .hasSize(5)
                .element(0)
                .isEqualTo("vm 'db01'");
        assertThat(site.out()).containsSubsequence("SNAPSHOT", first, "└─ " + second, "   └─ now");
        assertThat(site.out()).contains("filesystem", "present", " B");
        assertThat(site.err()).isEmpty();
    }

    @Test
    void a_list_for_programs_has_stable_names_the_newest_first() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        assertThat(site.run("snapshots", "--json", "db01")).isZero();
        assertThat(names(site.json())).containsExactly("snapshots", "concerns");
        JsonNode newest = site.json().get("snapshots").get(0);
        assertThat(names(newest))
                .containsExactly(
                        "id",
                        "run",
                        "vm",
                        "takenAt",
                        "consistency",
                        "volumes",
                        "uuid",
                        "state",
                        "parent",
                        "head",
                        "openedAt",
                        "bytes");
        assertThat(newest.get("id").asString()).isEqualTo(second);
        assertThat(newest.get("parent").asString()).isEqualTo(first);
        assertThat(newest.get("head").asBoolean()).isTrue();
        assertThat(newest.get("state").asString()).isEqualTo("PRESENT");
        assertThat(newest.get("openedAt").isNull()).isTrue();
        assertThat(newest.get("bytes").asLong()).isPositive();
        JsonNode volume = newest.get("volumes").get(0);
        assertThat(names(volume))
                .containsExactly(
                        "disk", "driver", "snapshot", "active", "format", "condition", "bytes", "fill", "reason");
        assertThat(volume.get("condition").asString()).isEqualTo("present");
        assertThat(site.json().get("snapshots").get(1).get("head").asBoolean()).isFalse();
    }

    @Test
    void a_snapshot_that_its_storage_lost_is_told_and_recorded() {
        String id = site.snapshot("db01");
        site.storage.lose(volume(id));
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).contains("lost");
        assertThat(site.err()).contains("warning: snapshot " + id, "lost: it overflowed");
        assertThat(site.snapshots().get(0).state()).isEqualTo(SnapshotState.LOST);
    }

    @Test
    void a_volume_that_is_not_there_may_be_on_a_storage_that_is_not_there() {
        String id = site.snapshot("db01");
        site.storage.forget(volume(id));
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).contains("absent");
        assertThat(site.err()).contains("is not there");
        assertThat(site.snapshots().get(0).state()).isEqualTo(SnapshotState.PRESENT);
    }

    @Test
    void a_broken_backend_hides_no_snapshot() {
        String id = site.snapshot("db01");
        db01.faults().on("store.condition", Kind.REFUSED, 10);
        assertThat(site.run("snapshots", "--json")).isZero();
        JsonNode volume = site.json().get("snapshots").get(0).get("volumes").get(0);
        assertThat(volume.get("condition").asString()).isEqualTo("unknown");
        assertThat(volume.get("reason").asString()).isEqualTo("the backend is broken");
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).contains(id, "unknown");
    }

    @Test
    void a_machine_that_is_no_more_hides_no_snapshot() {
        String id = site.snapshot("db01");
        site.undefine(db01);
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).contains("vm 'db01'", id).doesNotContain("unknown");
        assertThat(site.err()).contains("warning: vm 'db01', definition: the machine is no more");
    }

    @Test
    void what_stands_against_another_snapshot_is_told_before_there_is_one() {
        for (int i = 0; i < 8; i++) {
            site.snapshot("db01");
        }
        assertThat(site.run("snapshots", "--json")).isZero();
        JsonNode concern = site.json().get("concerns").get(0);
        assertThat(names(concern)).containsExactly("vm", "check", "status", "detail", "hint");
        assertThat(concern.get("status").asString()).isEqualTo("warn");
        assertThat(site.err()).contains("warning: vm 'db01', disk vda: its chain has 9 of 10 images allowed");
    }

    private String volume(String id) {
        return site.read(journal -> Selection.of(journal, id).volumes().get(0).snapshot());
    }
}
