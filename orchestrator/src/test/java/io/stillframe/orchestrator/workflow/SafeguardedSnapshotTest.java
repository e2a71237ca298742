package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunState;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestAgent;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import io.stillframe.orchestrator.lease.Thaw;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run with its sentinel and its switch, as far as the run itself has to do with them. */
class SafeguardedSnapshotTest extends OneGuest {
    @Test
    void a_guest_is_frozen_only_when_both_are_armed_and_they_are_told_when_it_is_free() {
        world.faults.before("freeze", () -> {
            assertThat(world.guard.watched()).hasSize(1);
            assertThat(world.faults.calls()).contains("exec switch arm");
        });
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.COMPLETED);
        assertThat(world.guard.ended()).isTrue();
        assertThat(world.faults.calls()).containsSubsequence("freeze", "thaw", "exec switch disarm");
        assertThat(details("sentinel", "guest-switch")).containsExactly("armed, not needed", "armed, not needed");
    }

    @Test
    void the_sentinel_is_told_all_that_a_release_needs() {
        take(World.FILESYSTEM);
        Lease lease = world.guard.watched().get(0);
        assertThat(lease.vm()).isEqualTo(world.guest.id());
        assertThat(lease.run()).contains(world.id.value());
        assertThat(lease.limit()).isEqualTo(World.FILESYSTEM.freezeLimit());
        assertThat(lease.freezes()).isTrue();
        assertThat(lease.pauses()).isFalse();
        assertThat(lease.disks()).containsExactly("vda");
        assertThat(lease.sysRq()).isEqualTo(SysRq.ALLOWED);
    }

    @Test
    void without_a_sentinel_no_guest_is_frozen() {
        world.guard.refusing("the disk is full");
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.ABANDONED);
        assertThat(run.result().error().map(RunError::message).orElseThrow())
                .contains("was not frozen", "the disk is full");
        assertThat(world.faults.calls()).doesNotContain("freeze", "suspend");
        assertThat(world.faults.calls()).as("nor is it left with a switch").contains("exec switch disarm");
        assertThat(world.overlays()).isEmpty();
    }

    @Test
    void a_sentinel_that_would_act_too_early_covers_no_freeze() {
        world.guard.late();
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(world.faults.calls()).doesNotContain("freeze", "suspend");
        assertThat(world.overlays()).isEmpty();
    }

    @Test
    void a_sentinel_that_was_slow_to_start_is_armed_once_more() {
        world.guard.slowToStart();
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.COMPLETED);
        assertThat(world.guard.watched()).hasSize(2);
    }

    @Test
    void what_nobody_tells_is_called_unknown() {
        world.guard.silentAtItsEnd();
        world.faults.on("exec switch disarm", Kind.REPLY_LOST);
        assertThat(take(World.FILESYSTEM).result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(details("sentinel", "guest-switch"))
                .containsExactly(
                        "armed, whether it acted is not known: no answer",
                        "armed, whether it acted is not known: it could not be disarmed");
    }

    @Test
    void a_switch_that_may_be_armed_is_disarmed() {
        world.faults.on("exec switch arm", Kind.REPLY_LOST);
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.COMPLETED);
        assertThat(world.faults.calls()).contains("exec switch disarm");
    }

    @Test
    void disks_of_several_instants_are_no_snapshot_though_a_crash_consistent_one_would_do() {
        world.pausing().faults.before("driver.create", () -> world.guest.in(DomainState.RUNNING));
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.result().error().map(RunError::message).orElseThrow()).contains("several instants");
    }

    @Test
    void nor_a_pause_where_nothing_is_frozen() {
        world.guest.withoutAgent();
        world.pausing().guard.late();
        assertThat(take(World.CRASH).state()).isEqualTo(RunState.FAILED);
        assertThat(world.faults.calls()).doesNotContain("suspend");
    }

    @Test
    void a_sentinel_that_dies_while_the_guest_is_frozen_ends_the_freeze() {
        world.pausing().faults.before("suspend", world.guard::die);
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(world.faults.calls()).as("it is thawed by then").doesNotContain("driver.create");
    }

    @Test
    void where_the_sentinel_is_lost_and_the_thaw_not_confirmed_another_one_goes_on() {
        world.guest.withoutSysrq();
        world.faults.before("driver.update", () -> {
            world.agentDies();
            world.guard.die();
        });
        Run run = world.take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.THAW_OVERDUE);
        assertThat(world.guard.watched()).hasSizeGreaterThan(1);
        assertThat(run.result().error().map(RunError::message).orElseThrow()).contains("a sentinel goes on trying");
        world.guest.thawBehindTheAgent();
    }

    @Test
    void where_nobody_can_go_on_that_is_said() {
        world.guest.withoutSysrq();
        world.faults.before("driver.update", () -> {
            world.agentDies();
            world.guard.die();
            world.guard.refusing("the disk is full");
        });
        assertThat(world.take(World.FILESYSTEM)
                        .result()
                        .error()
                        .map(RunError::message)
                        .orElseThrow())
                .contains("no further attempt is made: the disk is full");
        world.guest.thawBehindTheAgent();
    }

    @Test
    void what_a_guest_may_not_execute_cannot_be_armed_and_that_is_said() {
        world.guest.allowing("guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status");
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(details("guest-switch")).containsExactly("not armed: the agent may not execute programs");
        assertThat(world.guard.watched().get(0).sysRq()).isEqualTo(SysRq.UNKNOWN);
    }

    @Test
    void a_switch_that_fired_is_noticed_and_costs_the_class() {
        world.faults.before("driver.update", world.guest::fireSwitch);
        Run run = take(World.CRASH);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("thaw-count", "guest-switch");
        assertThat(details("guest-switch")).containsExactly("the guest thawed itself");
    }

    @Test
    void a_switch_that_cannot_be_disarmed_costs_nothing() {
        world.faults.on("exec switch disarm", Kind.REPLY_LOST);
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.COMPLETED);
    }

    @Test
    void a_switch_that_a_run_before_has_left_is_ended_by_the_next_ones() {
        try (GuestAgent agent = world.machines().hypervisor().agent(world.guest.id())) {
            assertThat(new GuestSwitch("sf-before").arm(agent, Duration.ofSeconds(20)))
                    .isEmpty();
        }
        world.faults.before("freeze", () -> assertThat(world.guest.switches()).containsExactly(world.id.label()));
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.COMPLETED);
        assertThat(world.guest.switches()).isEmpty();
    }

    @Test
    void a_switch_that_somebody_else_has_ended_is_not_called_unneeded() {
        world.faults.before("driver.update", () -> world.guest.endSwitches());
        assertThat(take(World.FILESYSTEM).state()).isEqualTo(RunState.COMPLETED);
        assertThat(details("guest-switch")).containsExactly("armed, and not there any more when it was to be disarmed");
    }

    @Test
    void a_guest_that_the_sentinel_released_is_not_thawed_again_and_nothing_is_claimed() {
        world.faults.before("driver.update", () -> {
            world.guest.thawedByAnother();
            world.guard.intervened(
                    new Thaw(Thaw.Means.AGENT, 1, 1, Duration.ofSeconds(15), false, "the sentinel thawed it"));
        });
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.faults.calls()).doesNotContain("thaw");
        assertThat(world.failedChecks()).contains("sentinel");
    }

    @Test
    void a_guest_that_the_sentinel_released_and_somebody_froze_again_is_thawed() {
        world.faults.before(
                "driver.update",
                () -> world.guard.intervened(
                        new Thaw(Thaw.Means.AGENT, 1, 1, Duration.ofSeconds(15), false, "the sentinel thawed it")));
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(world.guest.isFrozen()).isFalse();
        assertThat(world.faults.count("thaw")).isEqualTo(1);
    }

    private Run take(SnapshotOptions options) {
        Run run = world.take(options);
        world.requirePromises(run);
        return run;
    }

    private List<String> details(String... checks) {
        return journal.evidence(world.id).stream()
                .filter(evidence -> List.of(checks).contains(evidence.check()))
                .map(evidence -> evidence.detail())
                .toList();
    }
}
