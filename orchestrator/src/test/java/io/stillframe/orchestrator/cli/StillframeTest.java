package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import io.stillframe.orchestrator.sentinel.Sentinel;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StillframeTest {
    @TempDir
    private Path images;

    private FakeSite site;
    private FakeGuest db01;

    @BeforeEach
    void host(@TempDir Path directory) {
        site = new FakeSite(directory);
        db01 = guest("db01");
    }

    // ---- usage

    @ParameterizedTest
    @ValueSource(strings = {"", "shapshot", "--jsn", "snapshot", "snapshot --require", "show", "thaw", "config"})
    void wrong_usage_is_told_with_a_way_out(String line) {
        assertThat(site.run(words(line))).isEqualTo(2);
        assertThat(site.err())
                .startsWith("error: ")
                .contains("hint: see 'stillframe")
                .contains("--help'");
        assertThat(site.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "snapshot db01 --require most",
                "snapshot db01 --freeze-limit soon",
                "snapshot db01 --freeze-limit 0s",
                "snapshot db01 --freeze-limit 6m",
                "snapshot db01 --frobnicate",
                "runs db01 db02"
            })
    void wrong_options_are_told_before_anything_is_touched(String line) {
        assertThat(site.run(words(line))).isEqualTo(2);
        assertThat(site.err()).startsWith("error: ").contains("hint: ");
        assertThat(db01.faults().calls()).isEmpty();
    }

    @Test
    void a_mistyped_command_is_answered_with_the_one_that_was_meant() {
        site.run("snapshto", "db01");
        assertThat(site.err()).contains("snapshot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "snapshot --help", "--version", "config --help", "doctor --help"})
    void help_is_no_error(String line) {
        assertThat(site.run(words(line))).isZero();
        assertThat(site.out()).contains("stillframe");
        assertThat(site.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--json --connect test:///default --state-dir /s --config /c runs",
                "runs --json --connect test:///default --state-dir /s --config /c",
                "--json --state-dir /s runs --connect test:///default --config /c"
            })
    void options_may_stand_before_and_after_the_command(String line) {
        assertThat(site.run(words(line))).isZero();
        GlobalOptions options = site.options.orElseThrow();
        assertThat(options.json()).isTrue();
        assertThat(options.connect()).contains("test:///default");
        assertThat(options.stateDir()).contains(Path.of("/s"));
        assertThat(options.config()).contains(Path.of("/c"));
    }

    // ---- snapshot

    @Test
    void a_snapshot_is_told_in_json_with_stable_names() {
        db01.disk(new io.stillframe.guest.Disk(
                "sda", "cdrom", "file", Optional.empty(), "raw", true, true, "none", List.of()));
        assertThat(site.run("snapshot", "db01", "--json")).isZero();
        JsonNode document = json();
        assertThat(names(document)).containsExactly("runs");
        JsonNode run = document.get("runs").get(0);
        assertThat(names(run))
                .containsExactly(
                        "run",
                        "vm",
                        "uuid",
                        "state",
                        "consistency",
                        "evidence",
                        "freeze",
                        "volumes",
                        "error",
                        "attempts");
        assertThat(run.get("run").asString()).matches("[0-9a-z]{12}");
        assertThat(run.get("vm").asString()).isEqualTo("db01");
        assertThat(run.get("uuid").asString()).isEqualTo(db01.id().uuid().toString());
        assertThat(run.get("state").asString()).isEqualTo("COMPLETED");
        assertThat(run.get("consistency").asString()).isEqualTo("filesystem");
        assertThat(names(run.get("evidence").get(0))).containsExactly("check", "ok", "detail");
        assertThat(run.get("evidence").get(0).get("ok").isBoolean()).isTrue();
        assertThat(names(run.get("freeze"))).containsExactly("filesystems", "windowMillis");
        assertThat(run.get("freeze").get("filesystems").asInt()).isEqualTo(1);
        assertThat(run.get("freeze").get("windowMillis").isNumber()).isTrue();
        assertThat(names(run.get("volumes").get(0))).containsExactly("disk", "driver", "snapshot", "active", "format");
        assertThat(run.get("volumes").get(0).get("active").asString())
                .isEqualTo(db01.chain("vda").get(0).toString());
        assertThat(run.get("error").isNull()).isTrue();
        assertThat(site.err()).isEmpty();
    }

    @Test
    void a_snapshot_that_fails_is_told_in_json_and_on_stderr() {
        db01.faults().on("freeze", Kind.REFUSED);
        assertThat(site.run("snapshot", "db01", "--json")).isEqualTo(1);
        JsonNode run = json().get("runs").get(0);
        assertThat(run.get("state").asString()).isEqualTo("FAILED");
        assertThat(run.get("consistency").isNull()).isTrue();
        assertThat(names(run.get("error"))).containsExactly("code", "message", "hint");
        assertThat(run.get("error").get("code").asString()).isEqualTo("FREEZE");
        assertThat(site.err())
                .startsWith("error: no snapshot of vm 'db01' was taken")
                .contains("\nhint: ");
    }

    @Test
    void a_snapshot_is_told_to_people() {
        assertThat(site.run("snapshot", "db01")).isZero();
        assertThat(site.out())
                .contains("vm 'db01'  COMPLETED  consistency filesystem")
                .contains("ok  freeze-count")
                .contains("vda  " + images.resolve("db01-vda.qcow2"));
    }

    @ParameterizedTest
    @CsvSource({
        "thaw, 4, THAW_OVERDUE",
        "switchTo, 1, FAILED",
        "open agent, 3, ABANDONED",
        "commitActive, 5, QUARANTINED"
    })
    void every_end_of_a_run_has_its_exit_status(String call, int status, RunState state) {
        db01.withoutSysrq().faults().on(call, Kind.REFUSED, 10_000);
        if (call.equals("commitActive")) {
            db01.faults().on("switchTo", Kind.REPLY_LOST);
        }
        assertThat(site.run("snapshot", "db01")).isEqualTo(status);
        List<Run> runs = site.read(queries -> queries.runs(Optional.empty()));
        assertThat(runs).extracting(Run::state).containsExactly(state);
    }

    @Test
    void an_interrupted_snapshot_ends_as_interrupted() {
        site.interrupted = () -> db01.faults().calls().contains("freeze");
        assertThat(site.run("snapshot", "db01")).isEqualTo(130);
        assertThat(db01.isFrozen()).isFalse();
        assertThat(db01.chain("vda")).hasSize(1);
    }

    @Test
    void a_guest_that_may_be_frozen_is_told_of_with_what_to_do() {
        db01.withoutSysrq().faults().before("freeze", () -> db01.faults().on("thaw", Kind.REFUSED, 10_000));
        assertThat(site.run("snapshot", "db01")).isEqualTo(4);
        assertThat(site.err())
                .contains("error: thaw not confirmed for vm 'db01': guest may still be frozen")
                .contains("hint: run 'stillframe thaw db01'");
    }

    @Test
    void several_machines_are_taken_one_after_the_other_each_once() {
        FakeGuest web = guest("web");
        assertThat(site.run(
                        "snapshot", "--json", "db01", "web", db01.id().uuid().toString(), "db01"))
                .isZero();
        assertThat(json().get("runs")).hasSize(2);
        assertThat(db01.faults().count("freeze")).isEqualTo(1);
        assertThat(web.faults().count("freeze")).isEqualTo(1);
        assertThat(db01.openHandles()).isZero();
    }

    @Test
    void one_unknown_name_among_several_and_nothing_is_touched() {
        assertThat(site.run("snapshot", "--json", "db01", "nosuch")).isEqualTo(3);
        assertThat(site.err()).startsWith("error: no vm 'nosuch'; nothing was touched\nhint: ");
        assertThat(json().get("runs")).hasSize(1);
        assertThat(json().get("runs").get(0).get("vm").asString()).isEqualTo("nosuch");
        assertThat(json().get("runs").get(0).get("error").get("code").asString())
                .isEqualTo("UNKNOWN_VM");
        assertThat(db01.faults().calls()).containsOnly("open domain");
        assertThat(db01.openHandles()).isZero();
    }

    @Test
    void a_state_directory_that_is_held_refuses_every_machine() {
        site.held = Optional.of(FakeSite.heldByAnother());
        assertThat(site.run("snapshot", "db01", "--json")).isEqualTo(3);
        assertThat(json().get("runs").get(0).get("error").get("code").asString())
                .isEqualTo("HELD");
        assertThat(db01.faults().calls()).doesNotContain("freeze");
    }

    @Test
    void a_journal_that_breaks_between_two_machines_hides_no_frozen_guest() {
        guest("web");
        db01.withoutSysrq().faults().before("freeze", () -> db01.faults().on("thaw", Kind.REFUSED, 10_000));
        db01.faults().before("thaw", site::breakJournal);
        assertThat(site.run("snapshot", "--json", "db01", "web")).isEqualTo(4);
        assertThat(json().get("runs").get(0).get("state").asString()).isEqualTo("THAW_OVERDUE");
        assertThat(json().get("runs").get(1).get("error").get("code").asString())
                .isEqualTo("JOURNAL");
    }

    @Test
    void the_options_of_a_snapshot_reach_the_run() {
        db01.with("vdb", image("db01-vdb"));
        db01.withoutAgent();
        assertThat(site.run(words("snapshot db01 --require crash --exclude vdb --freeze-limit 800ms --json")))
                .isZero();
        assertThat(json().get("runs").get(0).get("consistency").asString()).isEqualTo("crash");
        assertThat(json().get("runs").get(0).get("volumes")).hasSize(1);
    }

    // ---- lists

    @Test
    void snapshots_are_listed_in_json_with_stable_names() {
        site.run("snapshot", "db01");
        assertThat(site.run("snapshots", "--json")).isZero();
        assertThat(names(json())).containsExactly("snapshots", "concerns");
        JsonNode snapshot = json().get("snapshots").get(0);
        assertThat(names(snapshot)).startsWith("id", "run", "vm", "takenAt", "consistency", "volumes");
        assertThat(snapshot.get("id").asString())
                .isEqualTo("sf-" + snapshot.get("run").asString());
        assertThat(snapshot.get("takenAt").asString()).matches("2026-03-01T12:00:00(\\.\\d+)?Z");
        assertThat(snapshot.get("consistency").asString()).isEqualTo("filesystem");
    }

    @Test
    void runs_are_listed_in_json_with_stable_names() {
        site.run("snapshot", "db01");
        db01.faults().on("freeze", Kind.REFUSED);
        site.run("snapshot", "db01");
        assertThat(site.run("runs", "--json", "db01")).isZero();
        assertThat(names(json())).containsExactly("runs");
        JsonNode failed = json().get("runs").get(0);
        assertThat(names(failed))
                .containsExactly("run", "vm", "state", "startedAt", "endedAt", "consistency", "windowMillis");
        assertThat(failed.get("state").asString()).as("the newest first").isEqualTo("FAILED");
        assertThat(failed.get("consistency").isNull()).isTrue();
        assertThat(json().get("runs").get(1).get("state").asString()).isEqualTo("COMPLETED");
    }

    @ParameterizedTest
    @CsvSource({"runs, 2", "snapshots, 4"})
    void lists_are_tables_for_people(String command, int lines) {
        assertThat(site.run(command)).isZero();
        assertThat(site.out()).isEqualTo("no %s\n".formatted(command));
        site.run("snapshot", "db01");
        assertThat(site.run(command)).isZero();
        assertThat(site.out().lines()).hasSize(lines);
        assertThat(site.run(command, "web")).isZero();
        assertThat(site.out()).contains("no " + command);
    }

    @Test
    void a_run_is_shown_with_its_states_and_its_snapshot_by_any_beginning_of_its_id() {
        site.run("snapshot", "db01", "--json");
        String id = json().get("runs").get(0).get("run").asString();
        for (String name : List.of(id, "sf-" + id, id.substring(0, 6))) {
            assertThat(site.run("show", name, "--json")).isZero();
            assertThat(names(json())).containsExactly("run", "transitions", "snapshot", "group");
            assertThat(json().get("run").get("run").asString()).isEqualTo(id);
            assertThat(json().get("snapshot").get("id").asString()).isEqualTo("sf-" + id);
            assertThat(names(json().get("transitions").get(0))).containsExactly("state", "at");
            assertThat(json().get("transitions")).hasSize(9);
        }
        assertThat(site.run("show", id)).isZero();
        assertThat(site.out()).contains("SNAPSHOTTED", "snapshot  sf-" + id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"000000000009", "%", "_", "sf-", "../x", "'"})
    void a_run_that_nobody_knows_is_refused(String id) {
        site.run("snapshot", "db01");
        assertThat(site.run("show", id, "--json")).isEqualTo(3);
        assertThat(names(json())).containsExactly("error");
        assertThat(json().get("error").get("code").asString()).isEqualTo("UNKNOWN_RUN");
    }

    @Test
    void a_state_directory_that_is_held_is_told_of_in_json() {
        site.held = Optional.of(FakeSite.heldByAnother());
        assertThat(site.run("runs", "--json")).isEqualTo(3);
        assertThat(json().get("error").get("code").asString()).isEqualTo("HELD");
        assertThat(site.err()).startsWith("error: ");
    }

    // ---- doctor

    @Test
    void a_doctor_tells_in_json_with_stable_names_and_touches_nothing() {
        assertThat(site.run("doctor", "db01", "--json")).isZero();
        assertThat(names(json())).containsExactly("vm", "checks");
        assertThat(json().get("vm").asString()).isEqualTo("db01");
        assertThat(json().get("checks"))
                .allSatisfy(check -> assertThat(names(check)).containsExactly("check", "status", "detail", "hint"));
        assertThat(StreamSupport.stream(json().get("checks").spliterator(), false)
                        .map(check -> check.get("check").asString()))
                .containsExactly("libvirt", "state", "agent", "guest-exec", "sysrq", "hooks", "disk vda");
        assertThat(db01.faults().calls()).doesNotContain("freeze", "thaw", "suspend", "exec sync", "qemu-img create");
        assertThat(db01.openHandles()).isZero();
    }

    @Test
    void a_snapshot_whose_applications_are_told_is_called_application() {
        assertThat(site.run("snapshot", "db01", "--hooks", "postgresql,mariadb", "--require", "application", "--json"))
                .as(site.err())
                .isZero();
        assertThat(json().get("runs").get(0).get("consistency").asString()).isEqualTo("application");
        assertThat(site.run("snapshot", "db01", "--require", "application")).isEqualTo(3);
        assertThat(site.err()).contains("none are asked for", "--hooks");
    }

    @Test
    void a_hook_that_nobody_knows_is_wrong_usage() {
        assertThat(site.run("snapshot", "db01", "--hooks", "oracle")).isEqualTo(2);
        assertThat(site.err()).contains("'oracle' is not one of postgresql, mariadb, installed");
    }

    @Test
    void a_doctor_without_a_machine_checks_the_host_alone() {
        assertThat(site.run("doctor", "--json")).isZero();
        assertThat(json().get("vm").isNull()).isTrue();
        assertThat(json().get("checks")).hasSize(1);
    }

    @Test
    void a_doctor_says_three_where_a_snapshot_would() {
        db01.withoutAgent();
        assertThat(site.run("doctor", "db01")).isEqualTo(3);
        assertThat(site.out())
                .contains("fail  agent: the machine has no agent channel")
                .contains("hint: install");
        site.hostChecks.add(Check.fail(ErrorCode.HOST, "qemu-img", "it is missing", "install it"));
        assertThat(site.run("doctor")).isEqualTo(3);
    }

    @Test
    void a_name_that_begins_with_an_at_sign_is_a_name_and_no_file(@TempDir Path other) throws Exception {
        Path file = Files.writeString(other.resolve("arguments"), "db01");
        assertThat(site.run("thaw", "@" + file)).isEqualTo(3);
        assertThat(site.err()).contains("no vm '@%s'".formatted(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor", "thaw", "snapshot"})
    void an_unknown_machine_is_refused(String command) {
        assertThat(site.run(command, "nosuch", "--json")).isEqualTo(3);
        assertThat(site.err()).contains("error: no vm 'nosuch'");
        assertThat(site.out()).contains("UNKNOWN_VM");
    }

    // ---- thaw

    @Test
    void a_thaw_is_told_in_json_and_needs_no_journal() {
        site.held = Optional.of(FakeSite.heldByAnother());
        db01.frozenByAnother();
        assertThat(site.run("thaw", "db01", "--json")).isZero();
        assertThat(names(json())).containsExactly("vm", "thawed", "by", "filesystems", "detail");
        assertThat(json().get("by").asString()).isEqualTo("agent");
        assertThat(json().get("filesystems").asInt()).isEqualTo(1);
        assertThat(db01.isFrozen()).isFalse();
        assertThat(site.forgiving).as("nor a valid configuration").isTrue();
    }

    @Test
    void a_thaw_that_is_not_confirmed_says_four() {
        db01.faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(site.run("thaw", "db01", "--json")).isEqualTo(4);
        assertThat(json().get("thawed").asBoolean()).isFalse();
        assertThat(json().get("filesystems").asInt()).isZero();
        assertThat(site.err()).contains("guest may still be frozen");
    }

    @Test
    void a_machine_that_is_off_is_thawed() {
        db01.in(DomainState.SHUT_OFF);
        assertThat(site.run("thaw", "db01")).isZero();
        assertThat(site.out()).contains("the machine is off");
    }

    @Test
    void a_thaw_that_is_not_confirmed_goes_on_without_the_command() {
        db01.withoutSysrq().faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(site.run("thaw", "db01")).isEqualTo(4);
        assertThat(site.err()).contains("a sentinel goes on trying");
        assertThat(site.guard.watched()).hasSize(1);
        site.guard.refusing("no sentinel");
        assertThat(site.run("thaw", "db01")).isEqualTo(4);
        assertThat(site.err()).contains("no further attempt is made: no sentinel");
    }

    @Test
    void a_thaw_by_keyboard_is_told_as_such() {
        new Sentinel(new FakeHypervisor(db01), site.leases(), site.timing, site.clock)
                .arm(new Lease(
                        db01.id(), Optional.of("run"), Duration.ofHours(1), true, false, Set.of("vda"), SysRq.ALLOWED));
        db01.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(site.run("thaw", "db01", "--json")).isZero();
        assertThat(json().get("by").asString()).isEqualTo("sysrq");
        assertThat(db01.isFrozen()).isFalse();
    }

    @Test
    void a_thaw_that_does_not_reach_libvirt_is_not_confirmed() {
        site.unreachable =
                Optional.of(CommandFailed.refused(ErrorCode.HYPERVISOR_UNREACHABLE, "no libvirtd", "start it"));
        assertThat(site.run("thaw", "db01")).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reconcile", "snapshot db01", "reconcile --dry-run"})
    void without_libvirt_a_lease_says_that_a_guest_may_be_frozen(String line) {
        var unreachable = CommandFailed.refused(ErrorCode.HYPERVISOR_UNREACHABLE, "no libvirtd", "start it");
        site.unreachable = Optional.of(unreachable);
        assertThat(site.run("snapshot", "db01")).as("nobody holds anything").isEqualTo(3);
        site.unreachable = Optional.empty();
        leaseLeftBehind();
        site.unreachable = Optional.of(unreachable);
        assertThat(site.run(words(line))).isEqualTo(4);
        assertThat(site.err()).contains("db01");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reconcile", "snapshot db01", "runs"})
    void where_the_state_directory_cannot_be_used_its_leases_are_read_all_the_same(String line) {
        leaseLeftBehind();
        site.held = Optional.of(CommandFailed.refused(ErrorCode.JOURNAL, "read-only file system", "make it writable"));
        assertThat(site.run(words(line))).isEqualTo(4);
        assertThat(site.err()).contains("may still be frozen: db01", "stillframe thaw db01");
    }

    @Test
    void what_recovery_could_not_release_is_no_other_commands_success() {
        guest("web");
        leaseLeftBehind();
        db01.frozenByAnother().withoutSysrq().faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(site.run("snapshot", "web")).isEqualTo(4);
        assertThat(site.err()).contains("warning: vm 'db01'");
        db01.thawBehindTheAgent();
    }

    /** Of a process and its sentinel that are both gone. */
    private void leaseLeftBehind() {
        site.leaseLeft(db01.id(), SysRq.ALLOWED);
    }

    // ---- reconcile

    @Test
    void where_nothing_is_left_nothing_is_reconciled() {
        site.run("snapshot", "db01");
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).isEqualTo("nothing to reconcile\n");
    }

    @Test
    void a_run_that_is_overdue_is_brought_to_its_end() {
        overdue();
        assertThat(site.run("reconcile", "--json")).isZero();
        assertThat(names(json().get("findings").get(0))).containsExactly("status", "vm", "run", "detail", "job");
        assertThat(json().get("findings").get(0).get("status").asString()).isEqualTo("DONE");
        assertThat(db01.isFrozen()).isFalse();
        assertThat(db01.chain("vda")).hasSize(1);
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.out()).isEqualTo("nothing to reconcile\n");
    }

    @Test
    void a_dry_run_tells_what_would_be_done_and_touches_nothing() {
        overdue();
        int calls = db01.faults().calls().size();
        assertThat(site.run("reconcile", "--dry-run")).isZero();
        assertThat(site.out()).contains("vm 'db01': run ", "would be");
        assertThat(db01.faults().calls().subList(calls, db01.faults().calls().size()))
                .doesNotContain("thaw", "resume", "sendKeys", "driver.discard", "commitActive");
        assertThat(db01.isFrozen()).isTrue();
    }

    @Test
    void the_next_snapshot_brings_an_interrupted_run_to_its_end_by_itself() {
        overdue();
        assertThat(site.run("snapshot", "db01")).isZero();
        assertThat(site.err()).contains("recovered: vm 'db01': ");
        assertThat(db01.chain("vda")).hasSize(2);
    }

    @Test
    void no_snapshot_is_laid_on_a_run_that_could_not_be_settled() {
        db01.withoutSysrq().faults().before("freeze", () -> db01.faults().on("thaw", Kind.REFUSED, 10_000));
        site.run("snapshot", "db01");
        assertThat(site.run("snapshot", "db01", "--json")).isEqualTo(4);
        assertThat(json().get("runs").get(0).get("error").get("code").asString())
                .isEqualTo("UNSETTLED");
        assertThat(db01.faults().count("freeze")).isEqualTo(1);
    }

    @Test
    void a_quarantined_run_is_left_to_the_operator_every_time() {
        db01.faults().on("commitActive", Kind.REFUSED, 10_000).on("switchTo", Kind.REPLY_LOST);
        site.run("snapshot", "db01");
        assertThat(site.run("reconcile")).isEqualTo(5);
        assertThat(site.run("reconcile")).isEqualTo(5);
        assertThat(site.out()).contains("QUARANTINED");
    }

    @Test
    void a_quarantined_run_is_given_up_at_the_operators_word_who_is_told_what_stays() {
        db01.faults().on("commitActive", Kind.REFUSED, 10_000).on("switchTo", Kind.REPLY_LOST);
        site.run("snapshot", "db01");
        String run = quarantined();
        assertThat(site.run("reconcile", "--abandon", run)).isEqualTo(3);
        assertThat(site.err()).contains("nothing was given up yet", "nobody removes it: vda (");
        assertThat(site.run("reconcile", "--abandon", run, "--yes")).isZero();
        assertThat(site.out()).contains("given up by the operator");
        assertThat(site.run("reconcile")).isZero();
        assertThat(site.run("show", run)).isZero();
        assertThat(site.out()).contains("GIVEN_UP", "writing goes on in", "rolling back failed", "given up by");
        assertThat(site.run("reconcile", "--abandon", run, "--yes")).isEqualTo(3);
        assertThat(site.err()).contains("no run or job '%s' is unfinished".formatted(run));
    }

    @Test
    void the_snapshot_of_a_quarantined_run_outlives_its_giving_up_and_claims_no_more_than_before() {
        db01.faults().before("thaw", () -> db01.redefine("vda", images.resolve("elsewhere.qcow2")));
        assertThat(site.run("snapshot", "db01")).isEqualTo(5);
        String run = quarantined();
        assertThat(site.run("reconcile", "--abandon", run, "--yes")).isZero();
        assertThat(site.out()).contains("its snapshot sf-%s stays as it is".formatted(run));
        assertThat(site.snapshots()).singleElement().satisfies(snapshot -> {
            assertThat(snapshot.run().value()).isEqualTo(run);
            assertThat(snapshot.consistency()).isEqualTo(Consistency.CRASH);
        });
    }

    @Test
    void a_run_that_recovery_ends_is_not_given_up() {
        overdue();
        String run = site.read(Journal::unfinished).get(0).id().value();
        assertThat(site.run("reconcile", "--abandon", run, "--yes")).isEqualTo(3);
        assertThat(site.err()).contains("'stillframe reconcile' brings it to its end");
    }

    private String quarantined() {
        return site.read(Journal::unfinished).stream()
                .filter(run -> run.state() == RunState.QUARANTINED)
                .findFirst()
                .orElseThrow()
                .id()
                .value();
    }

    @Test
    void a_frozen_guest_that_nobody_claims_is_thawed_only_on_demand() {
        db01.frozenByAnother();
        assertThat(site.run("reconcile")).isEqualTo(4);
        assertThat(site.out()).contains("vm 'db01': frozen, and no run of this state directory claims it");
        assertThat(db01.isFrozen()).isTrue();
        assertThat(site.run("reconcile", "--adopt", "--dry-run")).isEqualTo(4);
        assertThat(db01.isFrozen()).isTrue();
        assertThat(site.run("reconcile", "--adopt")).isZero();
        assertThat(db01.isFrozen()).isFalse();
    }

    @Test
    void an_unreadable_journal_is_set_aside_and_the_operator_told_what_is_lost() {
        site.unreadable = Optional.of(
                CommandFailed.refused(ErrorCode.JOURNAL_UNREADABLE, "it is damaged", "run 'stillframe reconcile'"));
        assertThat(site.run("reconcile")).isEqualTo(5);
        assertThat(site.out()).contains("set-aside", "Lost are");
        assertThat(site.run("reconcile")).isZero();
    }

    /** A run whose guest nobody could thaw, until now. */
    private void overdue() {
        db01.withoutSysrq().faults().before("freeze", () -> db01.faults().on("thaw", Kind.REFUSED, 10_000));
        assertThat(site.run("snapshot", "db01")).isEqualTo(4);
        db01.faults().clear("thaw").before("freeze", () -> {});
    }

    // ---- config

    @Test
    void a_configuration_is_validated(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("stillframe.yaml"), "freeze-limit: 5s\n");
        assertThat(site.run("config", "validate", file.toString(), "--json")).isZero();
        assertThat(names(json())).containsExactly("file", "valid", "problems");
        Files.writeString(file, "freeze-limit: soon\nfrobnicate: 1\n");
        assertThat(site.run("config", "validate", file.toString(), "--json")).isEqualTo(2);
        assertThat(json().get("problems")).hasSize(2);
        assertThat(site.run("config", "validate", file.toString())).isEqualTo(2);
        assertThat(site.err().lines()).hasSize(2);
    }

    // ---- hostile text

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[31mred",
                "two\nlines",
                "bell\u0007",
                "\u009b2J",
                "\u202emirrored",
                "cr\r!",
                "\u2028line",
                "del\u007f"
            })
    void nothing_that_moves_a_terminal_is_ever_printed(String name) {
        FakeGuest hostile = guest(name);
        for (List<String> line : List.of(
                List.of("snapshot", name),
                List.of("snapshot", name, "--json"),
                List.of("runs"),
                List.of("runs", "--json"),
                List.of("snapshots"),
                List.of("snapshots", "--json"),
                List.of("doctor", name),
                List.of("doctor", name, "--json"),
                List.of("thaw", name),
                List.of("thaw", name, "--json"),
                List.of("thaw", "no" + name),
                List.of("snapshot", "no" + name, "--json"),
                List.of("runs", "no" + name),
                List.of(name),
                List.of("snapshot", name, "--require", name))) {
            site.run(line.toArray(String[]::new));
            assertHarmless(site.out());
            assertHarmless(site.err());
        }
        assertThat(hostile.isFrozen()).isFalse();
    }

    @Test
    void json_keeps_the_name_that_it_escapes() {
        String name = "\u009b2J\u202e ü";
        guest(name);
        site.run("snapshot", name, "--json");
        assertThat(json().get("runs").get(0).get("vm").asString()).isEqualTo(name);
    }

    private static void assertHarmless(String printed) {
        assertThat(printed.codePoints().filter(c -> c != '\n').filter(StillframeTest::moves))
                .as(printed)
                .isEmpty();
        assertThat(printed).doesNotContain("two\nlines");
    }

    private static boolean moves(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }

    private FakeGuest guest(String name) {
        return site.guest(name).with("vda", image(name.replaceAll("[^a-z0-9]", "_") + "-vda"));
    }

    private Path image(String name) {
        try {
            return Files.writeString(images.resolve(name + ".qcow2"), "image");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode json() {
        return JsonMapper.shared().readTree(site.out());
    }

    private static List<String> names(JsonNode node) {
        return List.copyOf(node.propertyNames());
    }

    private static String[] words(String line) {
        return Stream.of(line.split(" ")).filter(word -> !word.isEmpty()).toArray(String[]::new);
    }
}
