package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.proof.RawDisks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest with Windows, as far as a script of its agent goes ({@code FakeVss}, which names what it follows). */
class WindowsSnapshotTest {
    private static final Duration TOO_LONG = Duration.ofSeconds(11);
    private static final String LETS_GO = "VSS holds writes for 10000 ms and lets go by itself";

    @TempDir
    private Path images;

    @TempDir
    private Path directory;

    private Journal journal;
    private World world;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
        world = windows();
    }

    private World windows() {
        World made = new World(images, journal);
        made.guest.withNtfs("vda", made.image("vda")).windows(made.timing::nanos);
        return made.holding("vda", RawDisks.whole("ntfs-made"));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void its_ntfs_is_proved_where_nothing_is_written_meanwhile() {
        assertComplete(take(World.FILESYSTEM), Consistency.FILESYSTEM);
        assertThat(world.faults.count("written")).isEqualTo(2);
    }

    @Test
    void the_evidence_says_what_was_looked_at_and_what_was_not() {
        take(World.FILESYSTEM);
        assertThat(detail("windows")).contains("looked at: counts").contains("not looked at: what the applications");
        assertThat(detail("vss-hold"))
                .startsWith("VSS held writes until the thaw")
                .endsWith("without an error");
        assertThat(detail("guest-switch"))
                .isEqualTo("not armed: there is none for Windows, whose VSS lets go by itself");
    }

    // ---- what is run in it: nothing

    @Test
    void no_program_is_run_in_it_and_no_switch_is_armed() {
        take(World.FILESYSTEM);
        assertThat(world.faults.calls()).noneMatch(call -> call.startsWith("exec"));
    }

    @Test
    void no_keys_are_pressed_though_its_agent_dies() {
        world.faults.before("driver.update", world::agentDies);
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.THAW_OVERDUE);
        assertThat(world.guard.watched().get(0).sysRq()).isEqualTo(Lease.SysRq.REFUSED);
        assertThat(world.faults.calls()).doesNotContain("sendKeys");
    }

    // ---- for how long

    @Test
    void it_is_held_no_longer_than_vss_does_whatever_is_allowed() {
        take(World.FILESYSTEM);
        assertThat(World.FILESYSTEM.freezeLimit()).isGreaterThan(Duration.ofSeconds(10));
        Lease lease = world.guard.watched().get(0);
        assertThat(lease.limit()).isEqualTo(Duration.ofSeconds(10));
        assertThat(lease.sentinelDeadline()).isEqualTo(Duration.ofSeconds(15));
        assertThat(journal.intent(world.id).orElseThrow().freezeLimit()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_snapshot_after_vss_has_let_go_is_discarded_with_that_as_the_reason() {
        world.faults.before("driver.create", () -> world.timing.pause(TOO_LONG));
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.result().error().map(RunError::message).orElseThrow()).contains(LETS_GO);
    }

    @Test
    void a_hold_that_vss_ended_by_itself_is_told_by_the_thaw_and_named() {
        world.faults.before("driver.create", () -> world.timing.pause(TOO_LONG));
        assertComplete(take(World.CRASH), Consistency.CRASH);
        assertThat(world.guest.frozenAtSwitch()).contains(false);
        assertThat(world.failedChecks()).contains("thaw-count", "freeze-limit", "vss-hold");
        assertThat(detail("thaw-count"))
                .contains("attempts: 2")
                .contains("after a first failure")
                .contains("limited up to 10 seconds");
        assertThat(detail("vss-hold")).startsWith(LETS_GO).contains("limited up to 10 seconds");
    }

    @Test
    void a_windows_that_does_not_tell_is_caught_by_the_clock() {
        world.guest.keepingSilentOfTimeouts();
        world.faults.before("driver.create", () -> world.timing.pause(TOO_LONG));
        assertComplete(take(World.CRASH), Consistency.CRASH);
        assertThat(detail("thaw-count")).contains("attempts: 1");
        assertThat(world.failedChecks()).containsExactly("freeze-limit", "vss-hold");
        assertThat(detail("vss-hold")).startsWith(LETS_GO);
    }

    @Test
    void a_thaw_that_is_answered_by_an_error_in_time_costs_the_class_as_well() {
        world.faults.on("thaw", Kind.REPLY_LOST);
        assertComplete(take(World.CRASH), Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("thaw-count", "vss-hold");
        assertThat(detail("vss-hold")).startsWith("VSS is not known to have held writes until the thaw");
    }

    @Test
    void writers_that_take_too_long_to_get_ready_leave_no_time_for_the_snapshot() {
        world.faults.before("freeze", () -> world.timing.pause(TOO_LONG));
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.FAILED);
        assertThat(world.guest.isFrozen()).isFalse();
    }

    // ---- what is frozen

    @Test
    void its_volumes_are_named_to_the_agent_and_others_are_left_out_and_said_to_be() {
        world.guest
                .filesystem(new GuestFilesystem("System Reserved", FakeGuest.volume("esp"), "FAT32", List.of("vda")))
                .filesystem(new GuestFilesystem("D:\\", FakeGuest.volume("disc"), "CDFS", List.of("sda")));
        Run run = take(World.FILESYSTEM);
        assertComplete(run, Consistency.FILESYSTEM);
        assertThat(run.result().freeze().orElseThrow().filesystems()).isEqualTo(1);
        assertThat(details("unfreezable"))
                .containsExactly(
                        "FAT32 at System Reserved cannot be frozen; nothing is claimed of it",
                        "CDFS at D:\\ cannot be frozen; nothing is claimed of it");
    }

    @Test
    void an_agent_that_cannot_be_told_freezes_all_and_is_believed_where_the_counts_agree() {
        withoutList();
        assertComplete(take(World.FILESYSTEM), Consistency.FILESYSTEM);
    }

    @Test
    void an_agent_that_cannot_be_told_and_freezes_another_volume_too_proves_nothing() {
        withoutList().filesystem(new GuestFilesystem("E:\\", FakeGuest.volume("data"), "FAT32", List.of("vda")));
        assertThat(warnings()).contains("freeze-list");
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void one_whose_agent_does_not_tell_what_it_runs_on_is_known_by_its_volumes() {
        world.guest.allowing(
                "guest-fsfreeze-freeze",
                "guest-fsfreeze-thaw",
                "guest-fsfreeze-status",
                "guest-exec",
                "guest-exec-status");
        take(World.FILESYSTEM);
        assertThat(world.faults.calls()).noneMatch(call -> call.startsWith("exec"));
        assertThat(world.guard.watched().get(0).limit()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_volume_that_no_proof_can_read_costs_the_class() {
        world.guest.filesystem(new GuestFilesystem("R:\\", FakeGuest.volume("refs"), "ReFS", List.of("vda")));
        assertComplete(take(World.CRASH), Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("filesystem");
    }

    // ---- what the doctor says

    @Test
    void the_doctor_warns_of_the_full_backup_of_the_ten_seconds_and_that_no_windows_was_tried() {
        assertThat(warnings()).containsExactly("windows", "vss-backup");
        assertThat(examined().checks())
                .anySatisfy(check ->
                        assertThat(check.detail()).contains("10 s at most").contains("never with Windows itself"))
                .anySatisfy(check -> assertThat(check.detail()).contains("full backup"));
    }

    @Test
    void the_doctor_names_a_vss_provider_that_is_missing() {
        world.guest.allowing("guest-get-osinfo");
        assertThat(examined().checks())
                .anySatisfy(check -> assertThat(check.detail()).contains("cannot load its VSS provider"));
    }

    // ---- and when it is another process that goes on

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_run_that_was_cut_short_goes_by_what_the_sentinels_thaw_was_answered(boolean held) {
        dieBefore("driver.update");
        world.guest.thawedByAnother();
        Thaw thaw = held
                ? new Thaw(Thaw.Means.AGENT, 1, 1, Duration.ofSeconds(2), false, "the agent thawed 1 and says thawed")
                : new Thaw(Thaw.Means.AGENT, 0, 2, Duration.ofSeconds(9), false, "after a first failure: no hold");
        assertComplete(
                world.recover(Optional.of(new Intervention(Intervention.Cause.HOLDER_GONE, TickingClock.START, thaw))),
                Consistency.CRASH);
        assertThat(detail("windows")).startsWith("frozen by VSS");
        // what QEMU had counted went with the process, and without that an NTFS proves nothing
        assertThat(world.failedChecks()).containsExactly(held ? "filesystem" : "thaw-count");
    }

    private void dieBefore(String call) {
        World undisturbed = windows();
        undisturbed.take(World.CRASH);
        undisturbed.overlays().forEach(World::delete);
        world.faults.dieAt(undisturbed.faults.calls().indexOf(call), journal::close);
        try {
            var unused = world.take(World.CRASH);
        } catch (Died e) {
            // with this call, or with what it tried afterwards
        }
        world.faults.revive();
        world.guest.forgetHandles();
        journal = Journal.open(directory);
        world.readFrom(journal);
    }

    private FakeGuest withoutList() {
        return world.guest.allowing(
                "guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status", "guest-get-osinfo");
    }

    private Run take(SnapshotOptions options) {
        Run run = world.take(options);
        world.requirePromises(run);
        return run;
    }

    private Examination examined() {
        return world.examine(World.FILESYSTEM);
    }

    private List<String> warnings() {
        return examined().checks().stream()
                .filter(check -> check.status() == Check.Status.WARN)
                .map(Check::check)
                .toList();
    }

    private static void assertComplete(Run run, Consistency as) {
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(as);
    }

    private List<String> details(String check) {
        return journal.evidence(world.id).stream()
                .filter(evidence -> evidence.check().equals(check))
                .map(Evidence::detail)
                .toList();
    }

    private String detail(String check) {
        assertThat(details(check)).hasSize(1);
        return details(check).get(0);
    }
}
