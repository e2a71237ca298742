package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Journal;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class RevertCommandTest extends OneMachine {
    @Test
    void a_machine_that_is_off_goes_back_and_what_it_had_is_kept() {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF);
        assertThat(site.run("revert", id, "--yes", "--json")).as(site.err()).isZero();
        assertThat(names(site.json())).containsExactly("job", "safety", "error");
        String safety = site.json().get("safety").asString();
        assertThat(site.storage.content(db01.defined("vda").toString())).contains("vda of " + id.substring(3));
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).containsSubsequence(id, "├─ " + safety, "└─ now");
    }

    @Test
    void without_safety_no_snapshot_is_taken() {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF);
        assertThat(site.run("revert", id, "--yes", "--no-safety", "--json")).isZero();
        assertThat(site.json().get("safety").isNull()).isTrue();
        assertThat(site.snapshots()).hasSize(1);
    }

    @Test
    void a_revert_that_is_given_up_leaves_nothing_on_the_storage_and_its_snapshot_can_be_deleted() {
        String id = site.snapshot("db01");
        String job = interrupted(id);
        assertThat(site.run("reconcile", "--abandon", job, "--yes"))
                .as(site.err())
                .isZero();
        assertThat(db01.faults().calls()).contains("store.giveUpRevert");
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.run("delete", id, "--yes")).as(site.err()).isZero();
    }

    @Test
    void what_a_revert_that_is_given_up_leaves_behind_is_told() {
        String id = site.snapshot("db01");
        String job = interrupted(id);
        db01.faults().on("store.giveUpRevert", Kind.REFUSED);
        assertThat(site.run("reconcile", "--abandon", job, "--yes")).isEqualTo(5);
        assertThat(site.out()).contains("is given up", "left of it: vda: store.giveUpRevert was refused");
        assertThat(site.run("show", job)).isZero();
        assertThat(site.out()).contains("FAILED", "left of it: vda: store.giveUpRevert was refused");
        assertThat(site.run("reconcile")).isZero();
    }

    /** The id of a revert that its storage broke off, and would not take back. */
    private String interrupted(String snapshot) {
        db01.in(DomainState.SHUT_OFF);
        db01.faults()
                .on("store.revert half", Kind.REFUSED)
                .before("store.revert half", () -> db01.faults().on("store.giveUpRevert", Kind.REFUSED));
        assertThat(site.run("revert", snapshot, "--yes", "--no-safety", "--json"))
                .isEqualTo(5);
        return site.json().get("job").get("job").asString();
    }

    @Test
    void a_machine_that_runs_is_refused_and_nobody_asked() {
        String id = site.snapshot("db01");
        site.terminal.interactive = true;
        assertThat(site.run("revert", id)).isEqualTo(3);
        assertThat(site.err()).contains("vm 'db01' was not touched: it is not off");
        assertThat(site.terminal.questions).isEmpty();
        assertThat(db01.faults().calls()).doesNotContain("store.revert");
    }

    @Test
    void a_machine_whose_memory_is_saved_is_refused_before_a_safety_snapshot() {
        String id = site.snapshot("db01");
        db01.saved();
        assertThat(site.run("revert", id, "--yes", "--json")).isEqualTo(3);
        assertThat(site.json().get("error").get("code").asString()).isEqualTo("VM_STATE");
        assertThat(site.snapshots()).hasSize(1);
    }

    @Test
    void where_nobody_can_be_asked_a_word_is_needed() {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF);
        assertThat(site.run("revert", id, "--json")).isEqualTo(3);
        assertThat(site.json().get("error").get("code").asString()).isEqualTo("UNCONFIRMED");
        assertThat(site.json().get("error").get("hint").asString()).contains("--yes");
        assertThat(db01.faults().calls()).doesNotContain("store.revert");
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 3"})
    void on_a_terminal_it_asks_and_says_what_is_kept(boolean yes, int status) {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF);
        site.terminal.interactive = true;
        site.terminal.yes = yes;
        assertThat(site.run("revert", id)).isEqualTo(status);
        assertThat(site.terminal.questions)
                .singleElement()
                .asString()
                .contains("vm 'db01' goes back to snapshot " + id, "kept by a snapshot");
    }

    @Test
    void nobody_is_kept_waiting_by_a_question_and_what_was_confirmed_is_looked_at_again() {
        String first = site.snapshot("db01");
        site.terminal.interactive = true;
        site.terminal.yes = true;
        db01.in(DomainState.SHUT_OFF);
        site.terminal.meanwhile = () -> site.snapshot("db01");
        assertThat(site.run("revert", "db01@latest", "--no-safety")).isEqualTo(3);
        assertThat(site.err()).contains("the snapshots have changed since");
        site.terminal.meanwhile = () -> assertThat(site.run("snapshots")).isZero();
        assertThat(site.run("revert", first, "--no-safety")).as(site.err()).isZero();
        assertThat(site.terminal.questions).hasSize(2).allMatch(question -> question.contains(first));
    }

    @Test
    void a_safety_snapshot_that_fails_keeps_the_machine_as_it_is() {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF).faults().on("switchTo", Kind.REFUSED);
        assertThat(site.run("revert", id, "--yes")).isEqualTo(1);
        assertThat(site.err()).contains("was not reverted: no safety snapshot could be taken", "--no-safety");
        assertThat(db01.faults().calls()).doesNotContain("store.revert");
    }

    @Test
    void an_interrupted_revert_is_taken_back() {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF);
        String before = db01.defined("vda").toString();
        site.interrupted = () -> db01.faults().calls().contains("store.revert");
        assertThat(site.run("revert", id, "--yes", "--no-safety")).isEqualTo(130);
        assertThat(site.err()).contains("it was interrupted; vm 'db01' has what it had");
        site.interrupted = () -> false;
        assertThat(db01.defined("vda")).hasToString(before);
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).isEqualTo("nothing to reconcile\n");
    }

    @Test
    void one_whose_taking_back_fails_is_taken_back_by_reconcile() {
        String job = interrupted(site.snapshot("db01"));
        assertThat(site.err()).contains("what it made could not be removed", "'stillframe reconcile' finishes it");
        assertThat(site.run("reconcile", "--dry-run", "--json")).isZero();
        JsonNode finding = site.json().get("findings").get(0);
        assertThat(names(finding)).containsExactly("status", "vm", "run", "detail", "job");
        assertThat(finding.get("status").asString()).isEqualTo("PLANNED");
        assertThat(finding.get("detail").asString()).contains("it would be taken back, unless it is done");
        assertThat(finding.get("job").asString()).isEqualTo(job);
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).contains("vm 'db01' has what it had");
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).isEqualTo("nothing to reconcile\n");
    }

    @Test
    void a_machine_that_is_started_meanwhile_keeps_what_it_has() {
        String id = site.snapshot("db01");
        db01.in(DomainState.SHUT_OFF);
        String before = db01.defined("vda").toString();
        db01.faults().before("store.revert half", () -> db01.in(DomainState.RUNNING));
        assertThat(site.run("revert", id, "--yes", "--no-safety")).isEqualTo(1);
        assertThat(site.err()).contains("vm 'db01' is not off", "vm 'db01' has what it had");
        assertThat(db01.defined("vda")).hasToString(before);
        assertThat(site.run("reconcile")).isZero();
    }

    @Test
    void no_snapshot_is_laid_on_a_revert_that_could_not_be_finished() {
        interrupted(site.snapshot("db01"));
        db01.faults().on("store.giveUpRevert", Kind.REFUSED);
        assertThat(site.run("snapshot", "db01", "--json")).isEqualTo(3);
        assertThat(site.json().get("runs").get(0).get("error").get("code").asString())
                .isEqualTo("UNSETTLED");
        site.run("snapshot", "db01");
        assertThat(site.err()).as("ended by the command itself").contains("recovered: vm 'db01': the revert of");
        assertThat(site.read(Journal::unfinishedJobs)).isEmpty();
    }
}
