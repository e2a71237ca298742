package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunState;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Intervention.Cause;
import io.stillframe.orchestrator.lease.Thaw;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoverRunTest extends OneGuest {
    @ParameterizedTest
    @CsvSource({"false, FILESYSTEM", "true, FILESYSTEM", "false, CRASH"})
    void at_whatever_call_a_run_dies_it_is_brought_to_its_end_and_the_guest_is_free(
            boolean pausing, Consistency required, @TempDir Path worlds) throws Exception {
        Map<RunState, Set<RunState>> ends = new EnumMap<>(RunState.class);
        int nth = 0;
        for (boolean died = true; died; nth++) {
            world = World.ofOneDisk(Files.createTempDirectory(worlds, "images"), journal)
                    .disk("vdb");
            died = dies(pausing ? world.pausing() : world, nth, World.options(Optional.of(required)));
            if (died && world.hasBegun()) {
                RunState cutShort = world.run().state();
                Run run = world.recover(Optional.empty());
                requireRecovered(run);
                ends.computeIfAbsent(cutShort, any -> EnumSet.noneOf(RunState.class))
                        .add(run.state());
            }
        }
        assertThat(nth).isGreaterThan(25);
        assertThat(ends.get(RunState.PLANNED)).containsExactly(RunState.ABANDONED);
        assertThat(ends.get(RunState.FREEZING)).containsExactly(RunState.FAILED);
        assertThat(ends.get(RunState.QUIESCED)).containsExactly(RunState.FAILED);
        assertThat(ends.get(RunState.UPDATED))
                .containsExactly(required == Consistency.CRASH ? RunState.COMPLETED : RunState.FAILED);
        assertThat(ends.get(RunState.RELEASED)).as("its evidence was journaled").containsExactly(RunState.COMPLETED);
    }

    @Test
    void a_snapshot_whose_guest_the_sentinel_released_in_time_is_what_it_would_have_been() {
        dieBefore("thaw");
        world.guest.thawBehindTheAgent();
        Run run = world.recover(Optional.of(sentinel(Cause.HOLDER_GONE, 1, 1, Duration.ofMillis(700))));
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(world.faults.count("thaw")).as("only the one it died at").isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "DEADLINE, 1, 1, 700, freeze-limit",
        "RECOVERY, 1, 1, 700, freeze-limit",
        "HOLDER_GONE, 0, 1, 700, thaw-count",
        "HOLDER_GONE, 1, 2, 700, thaw-count",
        "HOLDER_GONE, 1, 1, 300000, freeze-limit"
    })
    void any_doubt_about_the_release_costs_the_class(
            Cause cause, int filesystems, int attempts, long millis, String check) {
        dieBefore("thaw", World.CRASH);
        world.guest.thawBehindTheAgent();
        Run run = world.recover(Optional.of(sentinel(cause, filesystems, attempts, Duration.ofMillis(millis))));
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly(check);
    }

    @Test
    void a_guest_that_cannot_be_released_keeps_everything_and_is_tried_again() {
        world.guest.withoutSysrq();
        dieBefore("driver.create");
        world.faults.on("thaw", Kind.REFUSED, 10_000);
        Run overdue = world.recover(Optional.empty());
        assertThat(overdue.state()).isEqualTo(RunState.THAW_OVERDUE);
        assertThat(world.overlays()).hasSize(1);
        assertThat(world.recover(Optional.empty())).as("in vain again").isEqualTo(overdue);
        world.faults.clear("thaw");
        Run run = world.recover(Optional.empty());
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
    }

    /** Its thaw writes to the disk, and waits for it. */
    @Test
    void a_disk_that_a_killed_command_holds_back_goes_on_before_its_guest_is_released() {
        world.guest.withoutSysrq();
        dieBefore("driver.create");
        world.faults.on("thaw", Kind.REFUSED, 10_000).before("driver.resume", () -> world.faults.clear("thaw"));
        Run run = world.recover(Optional.empty());
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(world.faults.calls().indexOf("driver.resume"))
                .isLessThan(world.faults.calls().indexOf("driver.discard"));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_guest_that_can_be_released_waits_for_nobody_who_asks_its_disks(Kind wrong) {
        dieBefore("driver.create");
        world.faults.on("driver.resume", wrong, wrong);
        assertThat(world.resumeDisks().because()).contains("driver.resume");
        requireRecovered(world.recover(Optional.empty()));
        assertThat(world.faults.count("driver.resume"))
                .as("by the first look only")
                .isEqualTo(1);
    }

    @Test
    void a_guest_is_released_though_nothing_else_can_be_done_for_its_run() {
        dieBefore("driver.create");
        assertThat(world.guest.isFrozen()).isTrue();
        world.forgetDriver();
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> world.recover(Optional.empty()))
                .withMessageContaining("driver");
        assertThat(world.guest.isFrozen()).isFalse();
        assertThat(world.run().state()).isEqualTo(RunState.QUIESCED);
    }

    @Test
    void an_overdue_run_is_left_to_a_sentinel() {
        world.guest.withoutSysrq();
        dieBefore("driver.create");
        world.faults.on("thaw", Kind.REFUSED, 10_000);
        int before = world.guard.watched().size();
        Run overdue = world.recover(Optional.empty());
        assertThat(overdue.result().error().map(RunError::message).orElseThrow())
                .contains("a sentinel goes on trying");
        assertThat(world.guard.watched()).hasSizeGreaterThan(before);
        assertThat(world.guard.watched().get(before).freezes()).isTrue();
        world.guest.thawBehindTheAgent();
    }

    @Test
    void an_overdue_run_whose_snapshots_are_there_goes_on_with_them_once_released() {
        world.guest.withoutSysrq();
        dieBefore("thaw", World.CRASH);
        world.faults.on("thaw", Kind.REFUSED, 10_000);
        assertThat(world.recover(Optional.empty()).state()).isEqualTo(RunState.THAW_OVERDUE);
        world.faults.clear("thaw");
        Run run = world.recover(Optional.empty());
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
    }

    @Test
    void an_overdue_run_whose_snapshots_are_there_keeps_them_whatever_goes_wrong() {
        world.guest.withoutSysrq();
        dieBefore("thaw", World.CRASH);
        world.faults.on("thaw", Kind.REFUSED, 10_000);
        assertThat(world.recover(Optional.empty()).state()).isEqualTo(RunState.THAW_OVERDUE);
        world.faults.clear("thaw").on("driver.update", Kind.REFUSED);
        Run run = world.recover(Optional.empty());
        assertThat(run.state()).isEqualTo(RunState.QUARANTINED);
        assertThat(world.overlays()).hasSize(1);
        assertThat(world.guest.isFrozen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"driver.discard", "settle", "commitActive"})
    void what_cannot_be_taken_back_is_quarantined_with_the_guest_released(String call) {
        assertThat(dies(world, index(World.FILESYSTEM, "switchTo") + 1, World.FILESYSTEM))
                .isTrue();
        world.faults.on(call.equals("settle") ? "blockJob" : call, Kind.REFUSED, 10_000);
        Run run = world.recover(Optional.empty());
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.QUARANTINED);
        assertThat(world.recover(Optional.empty())).as("an operator decides").isEqualTo(run);
    }

    @Test
    void a_machine_that_is_no_more_leaves_its_images_alone() {
        dieBefore("driver.create");
        world.faults.before("open domain", () -> {
            throw new GuestException(io.stillframe.guest.GuestFailure.NO_SUCH_DOMAIN, "no such domain");
        });
        Run run = world.recover(Optional.empty());
        assertThat(run.state()).isEqualTo(RunState.QUARANTINED);
        assertThat(run.result().error()).map(RunError::code).contains("UNKNOWN_VM");
        assertThat(world.overlays()).hasSize(1);
        world.guest.thawBehindTheAgent();
    }

    @Test
    void without_libvirt_a_run_stays_as_it_was() {
        dieBefore("driver.create");
        world.faults.on("open domain", Kind.REPLY_LOST);
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> world.recover(Optional.empty()));
        assertThat(world.run().state()).isEqualTo(RunState.QUIESCED);
        requireRecovered(world.recover(Optional.empty()));
    }

    @Test
    void a_machine_that_stopped_meanwhile_has_its_prepared_files_removed() {
        dieBefore("driver.create");
        world.guest.in(DomainState.SHUT_OFF);
        Run run = world.recover(Optional.empty());
        requireRecovered(run);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"COMPLETED", "FAILED", "ABANDONED", "GIVEN_UP"})
    void a_run_that_has_ended_has_nothing_to_recover(RunState state) {
        assertThat(io.stillframe.orchestrator.state.RecoveryAction.of(state))
                .isEqualTo(io.stillframe.orchestrator.state.RecoveryAction.NONE);
        assertThat(state.isFinal()).isTrue();
    }

    private void requireRecovered(Run run) {
        world.requirePromises(run);
        assertThat(world.guest.state()).isNotEqualTo(DomainState.PAUSED);
        assertThat(world.run()).isEqualTo(run);
    }

    /** Takes a snapshot with a process that dies at a call; the journal is then another process's. */
    private boolean dies(World in, int call, SnapshotOptions options) {
        in.faults.dieAt(call, journal::close);
        try {
            in.take(options);
        } catch (Died e) {
            // it died with this call, or with what it tried afterwards
        }
        boolean died = in.faults.calls().size() > call;
        in.faults.revive();
        if (died) {
            in.guest.forgetHandles();
            journal = Journal.open(directory);
            in.readFrom(journal);
        }
        return died;
    }

    private void dieBefore(String call) {
        dieBefore(call, World.FILESYSTEM);
    }

    private void dieBefore(String call, SnapshotOptions options) {
        assertThat(dies(world, index(options, call), options)).isTrue();
    }

    /** Which call of an undisturbed run bears this name first. */
    private int index(SnapshotOptions options, String call) {
        World undisturbed = World.ofOneDisk(images, journal);
        undisturbed.take(options);
        undisturbed.overlays().forEach(World::delete);
        return undisturbed.faults.calls().indexOf(call);
    }

    private static Intervention sentinel(Cause cause, int filesystems, int attempts, Duration window) {
        return new Intervention(
                cause,
                TickingClock.START,
                new Thaw(Thaw.Means.AGENT, filesystems, attempts, window, false, "the agent thawed"));
    }
}
