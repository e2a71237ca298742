package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.SnapshotState;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults.Kind;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DeleteCommandTest extends OneMachine {
    @Test
    void a_deleted_snapshot_is_gone_and_the_machine_goes_on() {
        String id = site.snapshot("db01");
        assertThat(site.run("delete", id, "--json")).as(site.err()).isZero();
        assertThat(names(site.json())).containsExactly("snapshots");
        JsonNode deleted = site.json().get("snapshots").get(0);
        assertThat(names(deleted)).containsExactly("snapshot", "vm", "deleted", "job", "error");
        assertThat(deleted.get("deleted").asBoolean()).isTrue();
        assertThat(deleted.get("job").get("kind").asString()).isEqualTo("REMOVE");
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).isEqualTo("no snapshots\n");
        assertThat(site.storage.content(db01.defined("vda").toString())).contains("what was written since");
    }

    @Test
    void several_are_deleted_the_newest_first_each_once() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        assertThat(site.run("delete", first, second, first, "--json")).isZero();
        assertThat(site.json().get("snapshots"))
                .extracting(deleted -> deleted.get("snapshot").asString())
                .containsExactly(second, first);
        assertThat(site.storage.told().get(0).snapshots()).as("its relatives").hasSize(1);
    }

    @Test
    void the_first_that_cannot_be_deleted_stops_the_rest() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        db01.faults().on("store.planRemoval", Kind.REFUSED);
        assertThat(site.run("delete", first, second, "--json")).isEqualTo(3);
        assertThat(site.json()
                        .get("snapshots")
                        .get(0)
                        .get("error")
                        .get("message")
                        .asString())
                .contains(second, "something depends on it");
        assertThat(site.json().get("snapshots").get(1).get("error").get("code").asString())
                .isEqualTo("NOT_TRIED");
        assertThat(site.err()).contains(first + " of vm 'db01' was not touched: one before it could not be deleted");
        assertThat(site.snapshots()).hasSize(2);
    }

    @Test
    void the_latest_one_of_a_name_is_not_that_of_a_machine_that_was_called_so_before() {
        String id = site.snapshot("db01");
        FakeGuest other = new FakeGuest(new DomainId(new UUID(0, 7), "db01"));
        site.guests.set(0, other);
        assertThat(site.run("delete", "db01@latest")).isEqualTo(3);
        assertThat(site.err()).contains("no snapshot 'db01@latest'");
        site.guests.remove(0);
        assertThat(site.read(journal ->
                                Selection.of(journal, () -> site.machines().hypervisor(), "db01@latest"))
                        .id())
                .as("where nobody has the name now")
                .isEqualTo(id);
    }

    @Test
    void a_name_that_is_unknown_and_nothing_is_touched() {
        String id = site.snapshot("db01");
        assertThat(site.run("delete", id, "000000000009")).isEqualTo(3);
        assertThat(site.snapshots()).hasSize(1);
    }

    @Test
    void an_interrupted_merge_stays_journaled_and_is_finished_by_reconcile() {
        String id = site.snapshot("db01");
        site.interrupted = () -> db01.faults().calls().contains("store.remove");
        assertThat(site.run("delete", id)).isEqualTo(130);
        assertThat(site.err()).contains("the removal of snapshot " + id, "'stillframe reconcile' finishes it");
        site.interrupted = () -> false;
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).contains("removing");
        for (String command : List.of("clone", "open")) {
            // each would first finish what is left undone
            db01.faults().on("store.remove", Kind.LATE);
            assertThat(site.run(command, id)).isEqualTo(3);
        }
        assertThat(site.run("reconcile", "--json")).isZero();
        assertThat(site.json().get("findings").get(0).get("status").asString()).isEqualTo("DONE");
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).isEqualTo("no snapshots\n");
    }

    @Test
    void to_delete_again_what_is_being_deleted_finishes_it() {
        String id = site.snapshot("db01");
        db01.faults().on("store.remove half", Kind.REFUSED);
        assertThat(site.run("delete", id)).isEqualTo(5);
        assertThat(site.err()).contains("broke half-way", "'stillframe reconcile' finishes it");
        assertThat(site.run("delete", id)).isZero();
        assertThat(site.out()).isEqualTo("snapshot %s of vm 'db01' is deleted\n".formatted(id));
    }

    @Test
    void a_removal_that_was_refused_by_the_storage_leaves_the_snapshot_what_it_was() {
        String id = site.snapshot("db01");
        db01.faults().on("store.remove", Kind.REFUSED);
        assertThat(site.run("delete", id)).isEqualTo(1);
        assertThat(site.run("clone", id)).isZero();
    }

    @Test
    void a_rate_reaches_the_storage() {
        String id = site.snapshot("db01");
        assertThat(site.run("delete", id, "--rate", "50MiB/s")).isZero();
        assertThat(site.rates).last().isEqualTo(OptionalLong.of(50L << 20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0MiB/s", "fast", "50", "50MiB/h", "/s"})
    void a_rate_that_is_none_is_wrong_usage(String rate) {
        assertThat(site.run("delete", "x", "--rate", rate)).isEqualTo(2);
    }

    @Test
    void only_the_newest_good_one_or_several_are_asked_about_and_only_at_a_terminal() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        site.terminal.interactive = true;
        assertThat(site.run("delete", second)).isEqualTo(3);
        assertThat(site.terminal.questions).singleElement().asString().contains("the newest consistent snapshot");
        assertThat(site.run("delete", first, second)).isEqualTo(3);
        assertThat(site.terminal.questions).last().asString().contains("2 snapshots are deleted");
        assertThat(site.run("delete", first)).isZero();
        assertThat(site.terminal.questions).hasSize(2);
        assertThat(site.run("delete", second, "--yes")).isZero();
        assertThat(site.terminal.questions).hasSize(2);
    }

    @Test
    void nobody_is_kept_waiting_by_a_question_and_what_was_confirmed_is_looked_at_again() {
        site.snapshot("db01");
        site.terminal.interactive = true;
        site.terminal.yes = true;
        site.terminal.meanwhile = () -> site.snapshot("db01");
        assertThat(site.run("delete", "db01@latest")).isEqualTo(3);
        assertThat(site.err()).contains("the snapshots have changed since");
        assertThat(site.snapshots()).hasSize(2);
    }

    @Test
    void a_removal_that_can_never_be_finished_is_given_up_and_its_snapshot_offered_to_nobody_again() {
        String id = site.snapshot("db01");
        db01.faults().on("store.remove half", Kind.REFUSED, 2);
        assertThat(site.run("delete", id)).isEqualTo(5);
        assertThat(site.run("reconcile", "--json")).isEqualTo(5);
        String job = site.json().get("findings").get(0).get("job").asString();

        assertThat(site.run("reconcile", "--abandon", job)).isEqualTo(3);
        assertThat(site.err()).contains("nothing was given up yet", "may be a mixture");
        assertThat(site.run("reconcile", "--abandon", "nosuchjob", "--yes")).isEqualTo(3);
        assertThat(site.run("reconcile", "--abandon", job, "--yes")).isZero();
        assertThat(site.out()).contains("is given up");

        assertThat(site.run("snapshots")).isZero();
        assertThat(site.snapshots().get(0).state()).isEqualTo(SnapshotState.LOST);
        assertThat(site.run("open", id)).isEqualTo(3);
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.run("delete", id)).isZero();
        assertThat(site.snapshots()).isEmpty();
    }

    @Test
    void what_a_removal_had_merged_when_it_was_given_up_is_still_the_other_snapshots() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        String content = content(second);
        String at = site.snapshots().get(0).volumes().get(0).snapshot();
        db01.faults().on("store.remove", Kind.REPLY_LOST);
        assertThat(site.run("delete", first, "--json")).isEqualTo(5);
        String job = site.json().get("snapshots").get(0).get("job").get("job").asString();
        assertThat(site.storage.content(at)).as("merged away").isEmpty();
        assertThat(site.run("reconcile", "--abandon", job, "--yes"))
                .as(site.err())
                .isZero();
        assertThat(content(second)).isEqualTo(content);
    }

    private String content(String snapshot) {
        String volume = site.read(
                journal -> Selection.of(journal, snapshot).volumes().get(0).snapshot());
        return site.storage.content(volume).orElse("nothing");
    }

    @Test
    void a_removal_that_reconcile_cannot_finish_needs_an_operator_who_is_told_what_to_do() {
        String id = site.snapshot("db01");
        db01.faults().on("store.remove half", Kind.REFUSED, 2);
        assertThat(site.run("delete", id)).isEqualTo(5);
        assertThat(site.run("reconcile")).isEqualTo(5);
        assertThat(site.out()).contains("broke half-way", "mend what the message names");
        assertThat(site.run("reconcile")).isZero();
    }

    @Test
    void others_work_on_while_data_is_moved_and_not_before_it_is_journaled() {
        String id = site.snapshot("db01");
        db01.faults().on("store.planRemoval", Kind.REFUSED);
        assertThat(site.run("delete", id)).isEqualTo(3);
        assertThat(site.othersLet).isZero();
        db01.faults().on("store.remove half", Kind.REFUSED, 2);
        assertThat(site.run("delete", id)).isEqualTo(5);
        assertThat(site.othersLet).isEqualTo(1);
        assertThat(site.run("snapshot", "db01")).as("it freezes afterwards").isNotZero();
        assertThat(site.othersLet).isEqualTo(1);
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.othersLet).isEqualTo(2);
    }

    @Test
    void the_snapshots_of_a_machine_that_is_no_more_can_be_deleted() {
        String first = site.snapshot("db01");
        String second = site.snapshot("db01");
        site.undefine(db01);
        assertThat(site.run("delete", first, second, "--yes")).as(site.err()).isZero();
        assertThat(site.snapshots()).isEmpty();
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).isEqualTo("nothing to reconcile\n");
    }

    @Test
    void a_removal_whose_machine_is_undefined_meanwhile_is_finished() {
        String id = site.snapshot("db01");
        db01.faults().on("store.remove half", Kind.REFUSED);
        assertThat(site.run("delete", id)).isEqualTo(5);
        site.undefine(db01);
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.snapshots()).isEmpty();
    }

    @Test
    void of_a_machine_that_is_no_more_the_record_alone_can_be_removed() {
        String id = site.snapshot("db01");
        assertThat(site.run("delete", id, "--forget", "--yes")).isEqualTo(3);
        assertThat(site.err()).contains("vm 'db01' is there", "hint: delete it, without --forget");
        List<String> volumes = List.copyOf(site.storage.volumes());
        site.undefine(db01);
        assertThat(site.run("delete", id, "--forget", "--yes")).isZero();
        assertThat(site.out())
                .contains("snapshot %s of vm 'db01' is forgotten, and left where it is: vda ".formatted(id));
        assertThat(site.snapshots()).isEmpty();
        assertThat(site.storage.volumes()).containsExactlyInAnyOrderElementsOf(volumes);
        assertThat(db01.faults().calls()).doesNotContain("store.remove");
    }
}
