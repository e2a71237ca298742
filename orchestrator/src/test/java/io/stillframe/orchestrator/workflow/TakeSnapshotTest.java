package io.stillframe.orchestrator.workflow;

import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.FREEZING;
import static io.stillframe.db.RunState.FROZEN;
import static io.stillframe.db.RunState.PLANNED;
import static io.stillframe.db.RunState.PREPARED;
import static io.stillframe.db.RunState.QUARANTINED;
import static io.stillframe.db.RunState.QUIESCED;
import static io.stillframe.db.RunState.RELEASED;
import static io.stillframe.db.RunState.SNAPSHOTTED;
import static io.stillframe.db.RunState.THAW_OVERDUE;
import static io.stillframe.db.RunState.UPDATED;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunState;
import io.stillframe.guest.Disk;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestFilesystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TakeSnapshotTest extends OneGuest {
    @Test
    void a_run_goes_through_all_its_states_and_proves_its_freeze() {
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(world.states())
                .containsExactly(
                        PLANNED, PREPARED, FREEZING, FROZEN, QUIESCED, SNAPSHOTTED, UPDATED, RELEASED, COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(run.result().error()).isEmpty();
        assertThat(run.result().freeze())
                .hasValueSatisfying(freeze -> assertThat(freeze.filesystems()).isEqualTo(1));
        assertThat(world.failedChecks()).isEmpty();
        assertThat(world.snapshot()).hasValueSatisfying(snapshot -> {
            assertThat(snapshot.consistency()).isEqualTo(Consistency.FILESYSTEM);
            assertThat(snapshot.id()).isEqualTo(world.id.label());
        });
        assertThat(world.guest.chain("vda")).containsExactly(world.overlay("vda"), images.resolve("vda.qcow2"));
        assertThat(world.guest.defined("vda")).isEqualTo(world.overlay("vda"));
    }

    @Test
    void the_intent_is_journaled_before_the_freeze_and_the_record_comes_with_the_snapshot() {
        List<RunState> atFreeze = new ArrayList<>();
        List<Boolean> recorded = new ArrayList<>();
        world.faults.before("freeze", () -> atFreeze.addAll(world.states()));
        world.faults.before("switchTo", () -> recorded.add(world.snapshot().isPresent()));
        world.faults.before("thaw", () -> recorded.add(world.snapshot().isPresent()));
        take(World.FILESYSTEM);
        assertThat(atFreeze).containsExactly(PLANNED, PREPARED, FREEZING);
        assertThat(recorded).containsExactly(false, true);
    }

    @Test
    void what_the_run_makes_is_journaled_before_it_is_made() {
        List<String> volumes = new ArrayList<>();
        world.faults.before("qemu-img create", () -> world.volumes().forEach(volume -> volumes.add(volume.active())));
        take(World.FILESYSTEM);
        assertThat(volumes).containsExactly(world.overlay("vda").toString());
    }

    @Test
    void nothing_but_the_five_steps_happens_while_the_guest_is_frozen() {
        take(World.FILESYSTEM);
        List<String> calls = world.faults.calls();
        assertThat(calls.subList(calls.indexOf("freeze") + 1, calls.indexOf("thaw")))
                .containsExactly("driver.quiesce", "state", "driver.create", "switchTo", "driver.update");
    }

    @Test
    void all_disks_go_over_in_one_call() {
        world.disk("vdb").disk("vdc");
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(world.faults.count("switchTo")).isEqualTo(1);
        assertThat(world.volumes()).extracting(of -> of.disk()).containsExactly("vda", "vdb", "vdc");
        assertThat(world.overlays()).hasSize(3);
    }

    @Test
    void a_driver_without_one_instant_of_its_own_has_the_machine_paused_and_resumed() {
        world.pausing();
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(COMPLETED);
        List<String> calls = world.faults.calls();
        assertThat(calls.subList(calls.indexOf("freeze"), calls.indexOf("thaw")))
                .containsSubsequence("suspend", "switchTo", "resume");
        assertThat(world.guest.state()).isEqualTo(DomainState.RUNNING);
        assertThat(quiesced()).singleElement().asString().startsWith("QEMU paused; vda (");
    }

    @Test
    void how_the_storage_was_quiesced_is_among_the_evidence() {
        take(World.FILESYSTEM);
        assertThat(quiesced()).containsExactly("QEMU not paused; vda (qcow2) needs nothing");
    }

    private List<String> quiesced() {
        return journal.evidence(world.id).stream()
                .filter(of -> of.check().equals("quiesce"))
                .map(Evidence::detail)
                .toList();
    }

    // ---- the freeze

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_freeze_that_goes_wrong_in_whatever_way_leaves_no_snapshot(Kind kind) {
        world.faults.on("freeze", kind);
        Run run = take(World.FILESYSTEM);
        assertFailed(run, FAILED, ErrorCode.FREEZE);
        assertThat(world.faults.count("thaw")).isPositive();
        assertThat(world.faults.count("switchTo")).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void where_crash_will_do_a_freeze_that_goes_wrong_costs_the_class(Kind kind) {
        world.faults.on("freeze", kind);
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).contains("freeze-count");
    }

    @Test
    void a_freeze_that_leaves_a_filesystem_out_is_no_freeze() {
        world.disk("vdb").guest.freezingAtMost(1);
        assertFailed(take(World.FILESYSTEM), FAILED, ErrorCode.FREEZE);
    }

    @Test
    void a_freeze_of_nothing_is_no_freeze() {
        world.guest.freezingAtMost(0);
        assertFailed(take(World.FILESYSTEM), FAILED, ErrorCode.FREEZE);
        assertThat(world.faults.count("thaw")).isPositive();
    }

    @Test
    void an_agent_that_overstates_its_freeze_is_found_out_by_the_thaw() {
        world.disk("vdb").guest.freezingAtMost(1).claimingToFreeze(2);
        Run run = take(World.FILESYSTEM);
        assertFailed(run, FAILED, ErrorCode.CONSISTENCY);
        assertThat(world.failedChecks()).containsExactly("thaw-count");
    }

    @Test
    void a_guest_thawed_behind_the_agents_back_is_found_out_by_the_thaw() {
        world.faults.before("switchTo", world.guest::thawBehindTheAgent);
        assertFailed(take(World.FILESYSTEM), FAILED, ErrorCode.CONSISTENCY);
    }

    @Test
    void nothing_is_claimed_of_what_cannot_be_frozen() {
        world.guest.filesystem(new GuestFilesystem("/boot/efi", "vda2", "vfat", List.of("vda")));
        Run run = take(World.FILESYSTEM);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(journal.evidence(world.id).stream().filter(of -> of.detail().startsWith("vfat at /boot/efi")))
                .hasSize(1);
    }

    // ---- the snapshot

    @Test
    void a_snapshot_that_is_refused_leaves_a_thawed_guest_and_nothing_else() {
        world.faults.on("switchTo", Kind.REFUSED);
        Run run = take(World.FILESYSTEM);
        assertFailed(run, FAILED, ErrorCode.SNAPSHOT);
        assertThat(world.guest.chain("vda")).containsExactly(images.resolve("vda.qcow2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"switchTo", "driver.create"})
    void a_snapshot_whose_answer_was_lost_is_taken_back(String call) {
        world.disk("vdb").faults.on(call, Kind.REPLY_LOST);
        Run run = take(World.FILESYSTEM);
        assertFailed(run, FAILED, ErrorCode.SNAPSHOT);
        assertThat(world.faults.count("pivot")).isEqualTo(2);
        assertThat(world.guest.chain("vda")).containsExactly(images.resolve("vda.qcow2"));
        assertThat(world.guest.defined("vdb")).isEqualTo(images.resolve("vdb.qcow2"));
    }

    @Test
    void a_taking_back_that_fails_is_quarantined_with_the_overlay_in_place() {
        world.faults.on("switchTo", Kind.REPLY_LOST).on("commitActive", Kind.REFUSED);
        Run run = take(World.FILESYSTEM);
        assertEnded(run, QUARANTINED, ErrorCode.ROLL_BACK);
        assertThat(world.overlays()).containsExactly(world.overlay("vda"));
        assertThat(world.guest.chain("vda").get(0)).isEqualTo(world.overlay("vda"));
    }

    @Test
    void an_update_that_is_refused_keeps_the_snapshot_for_an_operator() {
        world.faults.on("driver.update", Kind.REFUSED);
        Run run = take(World.FILESYSTEM);
        assertEnded(run, QUARANTINED, ErrorCode.UPDATE);
        assertThat(world.snapshot())
                .hasValueSatisfying(
                        snapshot -> assertThat(snapshot.consistency()).isEqualTo(Consistency.CRASH));
        assertThat(world.overlays()).containsExactly(world.overlay("vda"));
        assertThat(world.guest.isFrozen()).isFalse();
    }

    @Test
    void a_definition_that_does_not_follow_is_quarantined() {
        world.faults.before("thaw", () -> world.guest.redefine("vda", images.resolve("vda.qcow2")));
        Run run = take(World.FILESYSTEM);
        assertEnded(run, QUARANTINED, ErrorCode.UPDATE);
        assertThat(world.snapshot()).isPresent();
    }

    // ---- the release

    @ParameterizedTest
    @CsvSource({"REFUSED, 1", "REFUSED, 7", "REPLY_LOST, 1", "REPLY_LOST, 5"})
    void a_thaw_that_needed_several_attempts_costs_the_class_and_so_the_snapshot(Kind kind, int times) {
        world.faults.on("thaw", kind, times);
        Run run = take(World.FILESYSTEM);
        assertFailed(run, FAILED, ErrorCode.CONSISTENCY);
        assertThat(world.faults.count("thaw")).isEqualTo(times + 1);
    }

    @Test
    void where_crash_will_do_a_thaw_that_needed_several_attempts_costs_only_the_class() {
        world.faults.on("thaw", Kind.REPLY_LOST, 2);
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("thaw-count");
    }

    @ParameterizedTest
    @ValueSource(strings = {"thaw", "status"})
    void a_thaw_that_nobody_confirms_is_overdue_and_nothing_is_rolled_back_under_it(String silent) {
        world.guest.withoutSysrq();
        world.faults.before("freeze", () -> world.faults.on(silent, Kind.REFUSED, 10_000));
        Run run = take(World.CRASH);
        assertEnded(run, THAW_OVERDUE, ErrorCode.THAW);
        assertThat(run.result().error().orElseThrow().hint()).startsWith("run 'stillframe thaw db01'");
        assertThat(world.guard.ended()).as("the sentinel goes on").isFalse();
        assertThat(world.faults.count("commitActive")).isZero();
        assertThat(world.overlays()).containsExactly(world.overlay("vda"));
        assertThat(world.timing.since(0)).isBetween(Duration.ofMinutes(1), Duration.ofSeconds(63));
    }

    @Test
    void an_agent_that_is_gone_before_the_snapshot_makes_no_snapshot_and_an_overdue_thaw() {
        world.guest.withoutSysrq();
        world.faults.on("freeze", Kind.REPLY_LOST);
        world.faults.on("thaw", Kind.REFUSED, 10_000);
        Run run = take(World.FILESYSTEM);
        assertEnded(run, THAW_OVERDUE, ErrorCode.THAW);
        assertThat(world.faults.count("switchTo")).isZero();
        assertThat(world.guest.isFrozen()).isTrue();
    }

    @Test
    void a_machine_that_stops_while_frozen_is_not_frozen_any_more() {
        world.faults.before("thaw", () -> world.guest.in(DomainState.SHUT_OFF));
        world.faults.on("thaw", Kind.REFUSED, 10_000);
        Run run = take(World.CRASH);
        assertThat(run.state()).isNotEqualTo(THAW_OVERDUE);
        assertThat(world.faults.count("thaw")).isEqualTo(1);
    }

    @Test
    void a_machine_that_goes_off_while_frozen_is_not_switched() {
        world.faults.before("state", () -> {
            if (world.guest.isFrozen()) {
                world.guest.in(DomainState.SHUT_OFF);
            }
        });
        Run run = take(World.FILESYSTEM);
        assertFailed(run, FAILED, ErrorCode.FREEZE);
        assertThat(world.faults.count("switchTo")).isZero();
    }

    @Test
    void a_snapshot_call_that_hangs_does_not_keep_the_guest_frozen() {
        // it returns only once somebody has thawed the guest, and this thread is stuck in it
        world.faults.on("switchTo", Kind.LATE);
        Run run = take(brief(Consistency.FILESYSTEM));
        assertFailed(run, FAILED, ErrorCode.CONSISTENCY);
        assertThat(world.failedChecks()).contains("freeze-limit");
    }

    @Test
    void where_crash_will_do_a_snapshot_call_that_hangs_costs_the_class() {
        world.faults.on("switchTo", Kind.LATE);
        Run run = take(brief(Consistency.CRASH));
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
    }

    // ---- interruption

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"PLANNED", "PREPARED", "FREEZING", "FROZEN", "QUIESCED"})
    void an_interruption_before_the_snapshot_leaves_nothing(RunState reached) {
        world.interruptedWhen(() -> world.states().contains(reached));
        Run run = take(World.FILESYSTEM);
        boolean untouched = reached == PLANNED || reached == PREPARED;
        assertFailed(run, untouched ? ABANDONED : FAILED, ErrorCode.INTERRUPTED);
        assertThat(world.states()).contains(reached).doesNotContain(SNAPSHOTTED);
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"SNAPSHOTTED", "UPDATED", "RELEASED"})
    void an_interruption_after_the_snapshot_completes_the_run(RunState reached) {
        world.interruptedWhen(() -> world.states().contains(reached));
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
    }

    // ---- machines of all kinds

    @Test
    void a_machine_that_is_off_needs_no_freeze() {
        world.guest.in(DomainState.SHUT_OFF);
        Run run = take(World.UNSAID);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(world.states())
                .containsExactly(PLANNED, PREPARED, QUIESCED, SNAPSHOTTED, UPDATED, RELEASED, COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(run.result().freeze()).isEmpty();
        assertThat(world.faults.calls()).doesNotContain("freeze", "thaw");
        assertThat(world.guest.state()).isEqualTo(DomainState.SHUT_OFF);
    }

    @Test
    void of_a_machine_that_is_off_no_more_than_crash_can_be_had() {
        world.guest.in(DomainState.SHUT_OFF);
        assertRefused(take(World.FILESYSTEM), ErrorCode.VM_STATE);
    }

    @Test
    void a_machine_that_would_wake_up_with_an_old_view_of_its_disks_is_refused() {
        world.guest.saved();
        assertRefused(take(World.UNSAID), ErrorCode.VM_STATE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_paused_machine_stays_paused(boolean pausing) {
        world.guest.in(DomainState.PAUSED);
        Run run = pausing ? world.pausing().take(World.CRASH) : world.take(World.CRASH);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.guest.state()).isEqualTo(DomainState.PAUSED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_machine_that_is_off_is_neither_paused_nor_started(boolean pausing) {
        world.guest.in(DomainState.SHUT_OFF);
        Run run = pausing ? world.pausing().take(World.UNSAID) : world.take(World.UNSAID);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(world.faults.calls()).doesNotContain("suspend", "resume");
    }

    @ParameterizedTest
    @CsvSource({"PAUSED, VM_STATE", "OTHER, VM_STATE"})
    void a_machine_in_a_state_without_a_freeze_is_refused(DomainState state, ErrorCode code) {
        world.guest.in(state);
        assertRefused(take(World.FILESYSTEM), code);
    }

    @Test
    void a_transient_machine_is_refused() {
        world.guest.transientlyDefined();
        assertRefused(take(World.FILESYSTEM), ErrorCode.VM_TRANSIENT);
    }

    @Test
    void a_machine_without_an_agent_is_refused_unless_crash_will_do() {
        world.guest.withoutAgent();
        assertRefused(take(World.FILESYSTEM), ErrorCode.AGENT);
    }

    @Test
    void a_machine_without_an_agent_has_its_crash_consistent_snapshot() {
        world.guest.withoutAgent();
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("freeze");
    }

    @Test
    void an_agent_that_may_not_thaw_is_not_asked_to_freeze() {
        world.guest.allowing("guest-fsfreeze-freeze", "guest-fsfreeze-status");
        assertRefused(take(World.FILESYSTEM), ErrorCode.AGENT);
    }

    @Test
    void an_agent_that_may_not_run_programs_freezes_all_the_same() {
        world.guest.allowing("guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status");
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(COMPLETED);
        assertThat(world.faults.calls()).noneMatch(call -> call.startsWith("exec"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec sync", "exec cat"})
    void a_guest_that_cannot_be_synced_beforehand_is_snapshotted_all_the_same(String program) {
        world.faults.on(program, Kind.REFUSED);
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(COMPLETED);
    }

    @ParameterizedTest
    @CsvSource({"exec sync, FILESYSTEM", "exec cat, FILESYSTEM", "exec sync, CRASH"})
    void a_guest_that_cannot_write_its_data_out_in_time_is_not_frozen_at_all(String program, Consistency required) {
        world.faults.on(program, Kind.REPLY_LOST);
        assertFailed(take(World.options(Optional.of(required))), ABANDONED, ErrorCode.FREEZE);
        assertThat(world.faults.calls()).doesNotContain("freeze");
    }

    @Test
    void a_guest_that_somebody_else_froze_is_left_alone() {
        world.guest.frozenByAnother();
        Run run = world.take(World.CRASH);
        assertEnded(run, ABANDONED, ErrorCode.ALREADY_FROZEN);
        assertThat(world.faults.calls()).doesNotContain("freeze", "thaw", "qemu-img create");
        assertThat(world.guest.isFrozen()).isTrue();
    }

    @Test
    void application_consistency_needs_applications_that_are_told() {
        assertRefused(take(World.options(Optional.of(Consistency.APPLICATION))), ErrorCode.HOOK);
    }

    // ---- disks of all kinds

    @Test
    void an_excluded_disk_stays_as_it_is() {
        world.disk("vdb");
        Run run = take(excluding("vdb"));
        assertThat(run.state()).isEqualTo(COMPLETED);
        assertThat(world.guest.chain("vdb")).containsExactly(images.resolve("vdb.qcow2"));
        assertThat(world.volumes()).extracting(of -> of.disk()).containsExactly("vda");
    }

    @Test
    void an_excluded_disk_that_is_unknown_is_a_mistake() {
        Run run = take(excluding("vdx"));
        assertRefused(run, ErrorCode.DISK);
        assertThat(run.result().error().orElseThrow().message()).contains("vdx", "it has vda");
    }

    @Test
    void a_machine_of_which_every_disk_is_excluded_has_nothing_to_take() {
        assertRefused(take(excluding("vda")), ErrorCode.NO_DISK);
    }

    @Test
    void what_is_read_only_or_empty_is_left_out() {
        world.guest
                .disk(disk("sda", "cdrom", "file", "raw", false))
                .disk(disk("vdb", "disk", "file", "qcow2", true))
                .disk(new Disk("fda", "floppy", "file", Optional.empty(), "raw", false, true, "none", List.of()));
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(COMPLETED);
        assertThat(world.volumes()).extracting(of -> of.disk()).containsExactly("vda");
    }

    @ParameterizedTest
    @CsvSource({"block, raw", "network, raw", "file, vmdk", "volume, qcow2"})
    void a_disk_on_a_backend_that_no_driver_knows_is_refused(String kind, String format) {
        world.guest.disk(disk("vdb", "disk", kind, format, false));
        Run run = take(World.FILESYSTEM);
        assertRefused(run, ErrorCode.DISK);
        assertThat(run.result().error().orElseThrow().hint()).contains("--exclude vdb");
    }

    @Test
    void a_disk_that_the_driver_cannot_take_is_refused() {
        world.faults.on("driver.probe", Kind.REFUSED);
        assertRefused(take(World.FILESYSTEM), ErrorCode.DISK);
    }

    @Test
    void a_storage_that_no_longer_answers_once_the_run_is_planned_is_a_refusal() {
        world.faults.on("driver.plan", Kind.REFUSED);
        assertRefused(take(World.FILESYSTEM), ErrorCode.DISK);
    }

    @Test
    void an_overlay_that_cannot_be_made_ends_the_run_before_the_guest_is_touched() {
        world.disk("vdb")
                .faults
                .before(
                        "qemu-img create",
                        () -> world.faults.on("qemu-img create", Kind.REFUSED).before("qemu-img create", () -> {}));
        assertFailed(take(World.FILESYSTEM), ABANDONED, ErrorCode.PREPARE);
        assertThat(world.faults.calls()).doesNotContain("freeze");
    }

    @Test
    void a_file_that_is_in_the_overlays_place_is_nobodys_to_remove() throws Exception {
        Files.writeString(world.overlay("vda"), "somebody else's");
        Run run = world.take(World.FILESYSTEM);
        assertThat(run.state()).isIn(ABANDONED, QUARANTINED);
        assertThat(world.overlay("vda")).hasContent("somebody else's");
    }

    // ---- every call goes wrong once

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatever_call_goes_wrong_the_promises_hold(Kind kind, @TempDir Path worlds) throws Exception {
        // a call that hangs does so until the lease's limit has passed
        boolean brief = kind == Kind.LATE;
        for (boolean pausing : List.of(false, true)) {
            everyCallGoesWrongOnce(kind, pausing, brief ? brief(Consistency.FILESYSTEM) : World.FILESYSTEM, worlds);
            everyCallGoesWrongOnce(kind, pausing, brief ? brief(Consistency.CRASH) : World.CRASH, worlds);
        }
    }

    private void everyCallGoesWrongOnce(Kind kind, boolean pausing, SnapshotOptions options, Path worlds)
            throws Exception {
        int nth = 0;
        do {
            nth++; // call 0 opens the handle that the run is given
            Path directory = Files.createTempDirectory(worlds, "images");
            world = World.ofOneDisk(directory, journal).disk("vdb");
            world.faults.onNth(nth, kind);
            Run run = pausing ? world.pausing().take(options) : world.take(options);
            world.requirePromises(run);
            assertThat(run.state())
                    .as("call %d of %s", nth, world.faults.calls())
                    .isNotEqualTo(THAW_OVERDUE);
        } while (world.faults.calls().size() > nth);
        assertThat(nth).isGreaterThan(25);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_agent_that_dies_at_whatever_call_leaves_at_worst_an_overdue_thaw(boolean pausing, @TempDir Path worlds)
            throws Exception {
        List<RunState> ends = new ArrayList<>();
        for (String last : List.of("sync", "status", "info", "filesystems", "exec sync", "freeze", "thaw")) {
            world = World.ofOneDisk(Files.createTempDirectory(worlds, "images"), journal);
            world.faults.before(last, world::agentDies);
            Run run = pausing ? world.pausing().take(World.CRASH) : world.take(World.CRASH);
            world.requirePromises(run);
            ends.add(run.state());
        }
        assertThat(ends).contains(COMPLETED, THAW_OVERDUE);
    }

    @Test
    void whenever_the_journal_breaks_the_guest_is_thawed_and_nothing_is_lost(@TempDir Path worlds) throws Exception {
        int nth = 0;
        do {
            nth++;
            Path directory = Files.createTempDirectory(worlds, "journal");
            try (Journal breaking = Journal.open(directory)) {
                world = World.ofOneDisk(Files.createTempDirectory(worlds, "images"), breaking);
                world.faults.beforeNth(nth, breaking::close);
                Run run = world.take(World.FILESYSTEM);
                world.requireSafeGuest(run);
            }
            try (Journal again = Journal.open(directory)) {
                World later = world.readFrom(again);
                if (later.hasBegun()
                        && later.run().state() == QUIESCED
                        && !later.overlays().isEmpty()) {
                    // nobody knew whether SNAPSHOTTED was journaled; whoever opens the journal anew does
                    assertThat(later.recover(Optional.empty()).state()).isEqualTo(FAILED);
                }
                assertThat(later.snapshot().isPresent())
                        .as("call %d of %s: %s", nth, world.faults.calls(), later.states())
                        .isEqualTo(!later.overlays().isEmpty());
            }
        } while (world.faults.calls().size() > nth);
        assertThat(nth).isGreaterThan(20);
    }

    private Run take(SnapshotOptions options) {
        Run run = world.take(options);
        world.requirePromises(run);
        return run;
    }

    private void assertFailed(Run run, RunState state, ErrorCode code) {
        assertEnded(run, state, code);
        assertThat(run.result().consistency()).isEmpty();
        assertThat(world.overlays()).isEmpty();
    }

    private void assertRefused(Run run, ErrorCode code) {
        assertFailed(run, ABANDONED, code);
        assertThat(world.states()).containsExactly(PLANNED, ABANDONED);
        assertThat(world.faults.calls()).doesNotContain("qemu-img create", "freeze", "suspend", "switchTo", "thaw");
        assertThat(run.result().error().orElseThrow().message()).startsWith("vm 'db01' was not touched: ");
    }

    private void assertEnded(Run run, RunState state, ErrorCode code) {
        assertThat(run.result().error()).map(RunError::code).contains(code.name());
        assertThat(run.state()).isEqualTo(state);
        assertThat(world.states()).endsWith(state);
    }

    private static SnapshotOptions excluding(String disk) {
        return World.options(Optional.of(Consistency.FILESYSTEM), Set.of(disk));
    }

    /** A freeze limit that is over almost at once. */
    private static SnapshotOptions brief(Consistency required) {
        return new SnapshotOptions(
                Optional.of(required), Consistency.FILESYSTEM, Set.of(), Duration.ofMillis(50), Duration.ofMinutes(1));
    }

    private Disk disk(String target, String device, String type, String format, boolean readOnly) {
        String source = world.image(target).toString();
        return new Disk(target, device, type, Optional.of(source), format, readOnly, true, "none", List.of());
    }
}
