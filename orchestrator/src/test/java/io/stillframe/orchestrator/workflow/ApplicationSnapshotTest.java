package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunState;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run whose guest's applications are told of the freeze. */
class ApplicationSnapshotTest extends OneGuest {
    private static final SnapshotOptions TOLD = World.FILESYSTEM.telling(World.HOOKS);

    @Test
    void applications_that_held_from_before_the_freeze_until_after_the_thaw_make_it_an_application_snapshot() {
        world.faults.before(
                "driver.create",
                () -> assertThat(world.guest.applications().anyHeld()).isTrue());
        Run run = take(World.APPLICATION);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.APPLICATION);
        assertThat(world.faults.calls())
                .containsSubsequence("exec hooks hold", "freeze", "driver.create", "thaw", "exec hooks release");
        assertThat(world.guest.applications().anyHeld()).isFalse();
        assertThat(details("hook"))
                .containsExactly(
                        "postgresql: held for 40 ms, from before the freeze until after the thaw; it said: is held | was held",
                        "mariadb: held for 40 ms, from before the freeze until after the thaw; it said: is held | was held");
    }

    @Test
    void a_hold_that_a_run_before_has_left_is_ended_before_this_ones_begins() {
        try (GuestAgent agent = world.machines().hypervisor().agent(world.guest.id())) {
            new HookKit(agent, World.HOOKS).hold("sf-before", Duration.ofSeconds(30));
        }
        assertThat(world.guest.applications().anyHeld("sf-before")).isTrue();
        world.faults.before("freeze", () -> {
            assertThat(world.guest.applications().anyHeld("sf-before")).isFalse();
            assertThat(world.guest.applications().anyHeld(world.id.label())).isTrue();
        });
        assertThat(take(World.APPLICATION).result().consistency()).contains(Consistency.APPLICATION);
    }

    @Test
    void they_are_told_before_the_safeguards_are_armed_whose_deadlines_run_from_then_on() {
        take(World.APPLICATION);
        assertThat(world.faults.calls())
                .containsSubsequence("exec sync", "exec hooks hold", "exec switch arm", "freeze");
    }

    @Test
    void where_one_cannot_hold_and_nothing_less_will_do_the_run_is_refused_with_what_it_said() {
        world.guest.applications().failing("mariadb");
        Run run = take(World.APPLICATION);
        assertEnded(run, RunState.ABANDONED, ErrorCode.HOOK, "mariadb failed (1): no server");
        assertThat(world.faults.calls()).doesNotContain("exec hooks hold", "freeze", "qemu-img create");
    }

    @Test
    void one_that_fails_only_when_it_is_to_hold_ends_the_run_before_the_freeze() {
        world.faults.before("exec hooks hold", () -> world.guest.applications().failing("mariadb"));
        Run run = take(World.APPLICATION);
        assertEnded(
                run,
                RunState.ABANDONED,
                ErrorCode.HOOK,
                "was not frozen: its applications do not hold: mariadb failed");
        assertThat(world.faults.calls()).doesNotContain("freeze", "exec switch arm");
    }

    @Test
    void where_less_will_do_the_failure_is_told_and_the_class_is_what_the_filesystems_are() {
        world.guest.applications().failing("mariadb");
        Run run = take(TOLD);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(details("hook")).containsExactly("not held: mariadb failed (1): no server");
    }

    @Test
    void a_hold_that_was_lost_in_the_window_is_no_hold() {
        world.faults.before("driver.update", () -> world.guest.applications().lose("mariadb"));
        Run run = take(TOLD);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(details("hook")).contains("the hold was lost: mariadb failed (1)");
    }

    @Test
    void a_hold_that_ended_at_the_guests_own_deadline_is_no_hold() {
        world.faults.before("driver.update", () -> world.guest.applications().deadlinePasses());
        Run run = take(TOLD);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(details("hook"))
                .containsExactly(
                        "postgresql: nothing is held: it ended before the thaw",
                        "mariadb: nothing is held: it ended before the thaw");
    }

    @Test
    void what_fell_short_of_application_is_discarded_with_the_reason() {
        world.faults.before("driver.update", () -> world.guest.applications().lose("mariadb"));
        Run run = take(World.APPLICATION);
        assertEnded(
                run, RunState.FAILED, ErrorCode.CONSISTENCY, "is only 'filesystem' where 'application' is required");
        assertThat(run.result().error().map(RunError::message).orElseThrow()).contains("the hold was lost: mariadb");
    }

    @Test
    void or_kept_as_what_it_is_where_that_is_asked_for() {
        world.faults.before("driver.update", () -> world.guest.applications().lose("mariadb"));
        Run run = take(World.APPLICATION.onDoubt(new OnDoubt(0, OnDoubt.Then.KEEP_AS_CRASH)));
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
    }

    @Test
    void or_taken_again() {
        world.faults.before("exec hooks hold", () -> world.guest.applications().failing("mariadb"));
        world.faults.before("exec hooks check", () -> world.guest.applications().mend());
        List<Run> runs = world.takeUntilProved(World.APPLICATION.onDoubt(new OnDoubt(2, OnDoubt.Then.DISCARD)));
        assertThat(runs).hasSize(3).allSatisfy(run -> assertThat(error(run)).isEqualTo(ErrorCode.HOOK.name()));
    }

    @Test
    void a_freeze_that_did_not_hold_is_crash_though_the_applications_did() {
        world.faults.before("driver.create", world.guest::thawBehindTheAgent);
        Run run = take(World.CRASH.telling(World.HOOKS));
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(details("hook")).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whoever_does_not_know_whether_they_hold_freezes_nothing(Kind kind) {
        world.faults.on("exec hooks hold", kind);
        Run run = take(World.APPLICATION);
        assertThat(error(run)).isEqualTo(ErrorCode.HOOK.name());
        assertThat(world.faults.calls()).contains("exec hooks release").doesNotContain("freeze");
        assertThat(world.guest.applications().anyHeld())
                .as("released, whatever the answer was")
                .isFalse();
    }

    @Test
    void a_release_whose_answer_is_lost_proves_nothing() {
        world.faults.on("exec hooks release", Kind.REPLY_LOST);
        Run run = take(TOLD);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(details("hook")).allMatch(detail -> detail.contains("what became of the hold is not known"));
    }

    @Test
    void a_release_that_was_refused_is_tried_once_more() {
        world.faults.on("exec hooks release", Kind.REFUSED);
        assertThat(take(World.APPLICATION).result().consistency()).contains(Consistency.APPLICATION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec switch arm", "freeze", "driver.create", "driver.update", "qemu-img create"})
    void whatever_ends_a_run_they_are_released(String call) {
        world.faults.on(call, Kind.REFUSED);
        take(World.APPLICATION);
        assertThat(world.guest.applications().anyHeld()).isFalse();
    }

    @Test
    void nor_does_a_sentinel_that_cannot_be_had_leave_them_waiting() {
        world.guard.refusing("the disk is full");
        assertThat(take(World.APPLICATION).state()).isEqualTo(RunState.ABANDONED);
        assertThat(world.guest.applications().anyHeld()).isFalse();
    }

    @Test
    void an_agent_that_may_execute_nothing_has_no_hooks_run() {
        world.guest.allowing("guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status");
        assertEnded(take(World.APPLICATION), RunState.ABANDONED, ErrorCode.HOOK, "the agent may not execute programs");
        world = World.ofOneDisk(images, journal);
        world.guest.allowing("guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status");
        assertThat(take(TOLD).result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(details("hook")).containsExactly("not held: the agent may not execute programs");
    }

    @Test
    void what_the_guest_has_installed_counts_where_there_is_any() {
        SnapshotOptions installed = World.options(Optional.of(Consistency.APPLICATION))
                .telling(new Hooks(List.of(Hook.INSTALLED), Duration.ofSeconds(5)));
        assertEnded(take(installed), RunState.ABANDONED, ErrorCode.HOOK, "there are none in /etc/stillframe/hooks.d");
        world = World.ofOneDisk(images, journal);
        world.guest.applications().installed("20-own", "postgresql", "mariadb");
        assertThat(take(installed).result().consistency()).contains(Consistency.APPLICATION);
        assertThat(details("hook")).hasSize(3).first().asString().startsWith("20-own: held");
    }

    @Test
    void without_any_that_are_asked_for_no_guest_is_bothered() {
        assertThat(take(World.FILESYSTEM).result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(world.faults.calls()).noneMatch(call -> call.startsWith("exec hooks"));
        assertThat(details("hook")).isEmpty();
    }

    @Test
    void a_doctor_tells_of_each_whether_it_could_hold() {
        world.guest.applications().failing("mariadb");
        assertThat(world.examine(World.APPLICATION).checks())
                .filteredOn(check -> check.check().equals("hooks"))
                .extracting(check -> check.status() + " " + check.detail())
                .containsExactly("OK postgresql: a server", "FAIL mariadb failed (1): no server");
        assertThat(world.examine(TOLD).checks()).noneMatch(check -> check.status() == Check.Status.FAIL);
        assertThat(world.examine(World.FILESYSTEM).checks())
                .filteredOn(check -> check.check().equals("hooks"))
                .extracting(Check::detail)
                .containsExactly("none are asked for, so nothing beyond 'filesystem' will be claimed");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_call_that_goes_wrong_at_whatever_time_claims_no_hold_that_was_none(Kind kind, @TempDir Path worlds)
            throws Exception {
        int nth = 0;
        do {
            nth++; // call 0 opens the handle that the run is given
            world = World.ofOneDisk(Files.createTempDirectory(worlds, "images"), journal);
            world.faults.onNth(nth, kind);
            take(nth % 2 == 0 ? World.APPLICATION : TOLD);
        } while (world.faults.calls().size() > nth);
        assertThat(nth).isGreaterThan(25);
    }

    @Test
    void a_process_that_dies_at_whatever_call_leaves_a_hold_to_the_guest_and_no_claim(@TempDir Path worlds)
            throws Exception {
        Map<RunState, Set<Consistency>> claims = new EnumMap<>(RunState.class);
        boolean died = true;
        for (int nth = 1; died; nth++) {
            world = World.ofOneDisk(Files.createTempDirectory(worlds, "images"), journal);
            died = dies(nth);
            if (died && world.hasBegun()) {
                RunState cutShort = world.run().state();
                Run run = world.recover(Optional.empty());
                world.guest.applications().deadlinePasses();
                world.requirePromises(run);
                run.result()
                        .consistency()
                        .ifPresent(claim -> claims.computeIfAbsent(cutShort, any -> EnumSet.noneOf(Consistency.class))
                                .add(claim));
            }
        }
        assertThat(claims.keySet()).isSubsetOf(RunState.RELEASED, RunState.COMPLETED);
        assertThat(claims.get(RunState.RELEASED))
                .as("their word was journaled")
                .containsExactly(Consistency.APPLICATION);
    }

    private boolean dies(int call) {
        world.faults.dieAt(call, journal::close);
        try {
            world.take(World.APPLICATION);
        } catch (Died e) {
            // it died with this call, or with what it tried afterwards
        }
        boolean died = world.faults.calls().size() > call;
        world.faults.revive();
        if (died) {
            world.guest.forgetHandles();
            journal = Journal.open(directory);
            world.readFrom(journal);
        }
        return died;
    }

    private Run take(SnapshotOptions options) {
        Run run = world.take(options);
        world.requirePromises(run);
        return run;
    }

    private static void assertEnded(Run run, RunState state, ErrorCode code, String message) {
        assertThat(run.state()).isEqualTo(state);
        assertThat(error(run)).isEqualTo(code.name());
        assertThat(run.result().error().map(RunError::message).orElseThrow()).contains(message);
    }

    private static String error(Run run) {
        return run.result().error().map(RunError::code).orElse("none");
    }

    private List<String> details(String check) {
        return journal.evidence(world.id).stream()
                .filter(evidence -> evidence.check().equals(check))
                .map(Evidence::detail)
                .toList();
    }
}
