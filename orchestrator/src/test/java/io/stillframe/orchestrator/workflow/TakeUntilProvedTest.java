package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;
import io.stillframe.db.Intent;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.proof.RawDisks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of a snapshot that is in doubt. */
class TakeUntilProvedTest extends OneGuest {
    @Test
    void it_is_discarded_unless_something_else_is_asked_for() {
        world.holding("vda", RawDisks.ext4(false));
        List<Run> attempts = world.takeUntilProved(World.FILESYSTEM);
        assertThat(attempts).singleElement().extracting(Run::state).isEqualTo(RunState.FAILED);
        assertThat(attempts.get(0).result().error().orElseThrow().message()).contains("so it is discarded");
        assertThat(world.overlays()).isEmpty();
    }

    @Test
    void it_is_kept_as_what_it_is_with_the_reason() {
        world.holding("vda", RawDisks.ext4(false));
        Run run = world.takeUntilProved(onDoubt(keeping(0))).get(0);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.snapshot().orElseThrow().consistency()).isEqualTo(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("filesystem");
        assertThat(world.overlays()).hasSize(1);
    }

    @Test
    void whoever_takes_the_run_up_keeps_it_too() {
        world.takeUntilProved(onDoubt(keeping(0)));
        assertThat(journal.intent(world.id).map(Intent::required)).contains(Consistency.CRASH);
    }

    @Test
    void to_keep_what_is_in_doubt_is_not_to_do_without_a_freeze() {
        world.faults.on("freeze", Kind.REFUSED);
        Run run = world.takeUntilProved(onDoubt(keeping(0))).get(0);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(world.faults.count("switchTo")).isZero();
    }

    @Test
    void it_is_taken_again_until_one_is_proved() {
        world.faults.on("thaw", Kind.REPLY_LOST);
        List<Run> attempts = world.takeUntilProved(onDoubt(retrying(5)));
        assertThat(attempts).extracting(Run::state).containsExactly(RunState.FAILED, RunState.COMPLETED);
        assertThat(attempts).extracting(Run::id).doesNotHaveDuplicates();
        assertThat(attempts.get(1).result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(attempts.get(0).result().error().orElseThrow().message()).contains("thaw-count");
        assertThat(world.overlays()).as("nothing is left of the first").hasSize(1);
        assertThat(world.timing.since(0)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void it_is_taken_again_only_so_often_and_then_discarded() {
        world.holding("vda", RawDisks.ext4(false));
        List<Run> attempts = world.takeUntilProved(onDoubt(retrying(2)));
        assertThat(attempts)
                .extracting(Run::state)
                .containsOnly(RunState.FAILED)
                .hasSize(3);
        assertThat(world.overlays()).isEmpty();
        assertThat(journal.snapshots(Optional.empty())).isEmpty();
        assertThat(world.timing.since(0)).isGreaterThanOrEqualTo(Duration.ofSeconds(2 + 4));
    }

    @Test
    void only_the_last_one_is_kept() {
        world.holding("vda", RawDisks.ext4(false));
        List<Run> attempts = world.takeUntilProved(onDoubt(keeping(2)));
        assertThat(attempts)
                .extracting(Run::state)
                .containsExactly(RunState.FAILED, RunState.FAILED, RunState.COMPLETED);
        assertThat(attempts.get(2).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.overlays()).hasSize(1);
    }

    @Test
    void a_policy_keeps_the_one_in_doubt_and_takes_no_other() {
        world.holding("vda", RawDisks.ext4(false));
        List<Run> attempts = world.takeUntilProved(onDoubt(keeping(1)).by("nightly"));
        assertThat(attempts).extracting(Run::state).containsExactly(RunState.FAILED, RunState.COMPLETED);
        assertThat(attempts.get(1).result().consistency()).contains(Consistency.CRASH);
    }

    @Test
    void a_policy_that_keeps_does_without_an_agent_in_the_end() {
        world.guest.withoutAgent();
        List<Run> attempts = world.takeUntilProved(onDoubt(keeping(1)).by("nightly"));
        assertThat(attempts)
                .extracting(Run::state)
                .containsExactly(RunState.ABANDONED, RunState.ABANDONED, RunState.COMPLETED);
        assertThat(attempts.get(2).result().consistency()).contains(Consistency.CRASH);
    }

    @Test
    void a_policy_that_discards_ends_without_one() {
        world.guest.withoutAgent();
        assertThat(world.takeUntilProved(onDoubt(retrying(2)).by("nightly")))
                .extracting(Run::state)
                .containsOnly(RunState.ABANDONED)
                .hasSize(3);
        assertThat(world.overlays()).isEmpty();
    }

    @Test
    void what_is_refused_is_not_tried_again() {
        world.guest.withoutAgent();
        assertThat(world.takeUntilProved(onDoubt(retrying(5)))).hasSize(1);
    }

    @Test
    void an_operator_who_asks_to_end_waits_for_no_other_attempt() {
        world.holding("vda", RawDisks.ext4(false));
        world.interruptedWhen(
                () -> journal.runs(Optional.empty()).stream().anyMatch(run -> run.state() == RunState.FAILED));
        assertThat(world.takeUntilProved(onDoubt(retrying(5)))).hasSize(1);
    }

    private static OnDoubt retrying(int times) {
        return new OnDoubt(times, OnDoubt.Then.DISCARD);
    }

    private static OnDoubt keeping(int times) {
        return new OnDoubt(times, OnDoubt.Then.KEEP_AS_CRASH);
    }

    private static SnapshotOptions onDoubt(OnDoubt then) {
        return World.FILESYSTEM.onDoubt(then);
    }
}
