package io.stillframe.orchestrator.workflow;

import static io.stillframe.db.GroupRule.ALL_OR_NOTHING;
import static io.stillframe.db.GroupRule.KEEP_OTHERS;
import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.QUARANTINED;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.OneInstant;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.lease.Lease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
class TakeGroupTest {
    @TempDir
    private Path images;

    private Journal journal;
    private GroupWorld world;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        journal = Journal.open(directory);
        world = new GroupWorld(images, journal, "db01", "web01", "web02");
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @ParameterizedTest
    @EnumSource(GroupRule.class)
    void all_stand_still_when_each_is_taken_and_none_goes_on_before_the_last_is(GroupRule rule) {
        List<Run> runs = take(rule, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(runs).allMatch(of -> of.result().consistency().equals(Optional.of(Consistency.FILESYSTEM)));
        OneInstant proof = world.proof().orElseThrow();
        assertThat(proof.together()).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(world.group().members())
                .containsExactlyElementsOf(runs.stream().map(Run::id).toList());
        assertThat(world.members)
                .allSatisfy(member ->
                        assertThat(world.evidence(member).map(Evidence::ok)).contains(true));
        assertThat(world.evidence(world.member(0)).map(Evidence::detail).orElseThrow())
                .contains("of one instant with vm 'web01', vm 'web02'");
    }

    @Test
    void each_member_has_a_lease_of_its_own() {
        take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(world.members).allSatisfy(member -> {
            assertThat(member.guard.watched()).singleElement().satisfies(lease -> {
                assertThat(lease.vm()).isEqualTo(member.guest.id());
                assertThat(lease.limit()).isEqualTo(World.FILESYSTEM.freezeLimit());
            });
            assertThat(member.guard.ended()).isTrue();
        });
    }

    @Test
    void the_applications_of_all_hold_before_the_safeguards_of_any_are_armed() {
        AtomicBoolean allHold = new AtomicBoolean(true);
        world.members.forEach(member -> member.faults.before("exec switch arm", () -> {
            if (!world.members.stream()
                    .allMatch(other -> other.guest.applications().anyHeld())) {
                allHold.set(false);
            }
        }));
        List<Run> runs = take(ALL_OR_NOTHING, World.APPLICATION);
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(runs).allMatch(of -> of.result().consistency().equals(Optional.of(Consistency.APPLICATION)));
        assertThat(allHold).isTrue();
        assertThat(world.members)
                .noneMatch(member -> member.guest.applications().anyHeld());
    }

    @Test
    void where_the_applications_of_one_do_not_hold_none_is_frozen_and_those_of_the_others_go_on() {
        world.member(1)
                .faults
                .before(
                        "exec hooks hold",
                        () -> world.member(1).guest.applications().failing("mariadb"));
        List<Run> runs = take(ALL_OR_NOTHING, World.APPLICATION);
        assertThat(runs).extracting(Run::state).containsOnly(ABANDONED);
        assertThat(world.members)
                .allSatisfy(member -> assertThat(member.faults.count("freeze")).isZero())
                .noneMatch(member -> member.guest.applications().anyHeld());
    }

    @Test
    void what_is_frozen_is_not_paused_too() {
        take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(world.members).allMatch(member -> member.faults.count("suspend") == 0);
    }

    @Test
    void where_a_crash_consistent_one_will_do_every_machine_is_paused_so_that_all_are_of_one_instant() {
        world.member(1).guest.withoutAgent();
        List<Run> runs = take(ALL_OR_NOTHING, World.CRASH);
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(world.members).allMatch(member -> member.faults.count("suspend") == 1);
        assertThat(world.proof()).isPresent();
    }

    @Test
    void where_one_in_doubt_would_be_kept_every_machine_is_paused_too_so_that_it_is_of_the_same_instant() {
        world.member(1).faults.before("thaw", world.member(1).guest::thawBehindTheAgent);
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM.onDoubt(new OnDoubt(0, OnDoubt.Then.KEEP_AS_CRASH)));
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(runs.get(1).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.members).allMatch(member -> member.faults.count("suspend") == 1);
        assertThat(world.proof()).isPresent();
    }

    @Test
    void a_machine_that_is_off_stands_still_by_itself() {
        world.member(2).guest.in(DomainState.SHUT_OFF);
        List<Run> runs = take(ALL_OR_NOTHING, World.UNSAID);
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(world.proof()).isPresent();
    }

    @Test
    void one_that_is_started_before_all_are_taken_is_of_another_instant() {
        World off = world.member(2);
        off.guest.in(DomainState.SHUT_OFF);
        world.member(0).faults.before("driver.create", () -> awaitTaken(off));
        world.member(0).faults.before("switchTo", () -> off.guest.in(DomainState.RUNNING));
        List<Run> runs = take(ALL_OR_NOTHING, World.UNSAID);
        assertThat(runs).extracting(Run::state).doesNotContain(COMPLETED);
        assertThat(world.proof()).isEmpty();
    }

    // ---- one that falls away

    @Test
    void where_one_cannot_freeze_none_has_a_snapshot() {
        world.member(1).faults.on("freeze", Kind.REFUSED);
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(FAILED);
        assertThat(journal.snapshots(Optional.empty())).isEmpty();
        assertThat(code(runs.get(1))).contains("FREEZE");
        assertThat(code(runs.get(0))).contains("GROUP");
        assertThat(runs.get(0).result().error().map(RunError::message).orElseThrow())
                .contains("no snapshot of vm 'db01' is kept", "the freeze failed", "web01");
        assertThat(world.members).allMatch(member -> member.overlays().isEmpty());
    }

    @Test
    void where_one_cannot_freeze_the_others_are_kept_alone_if_the_rule_is_so_and_say_why() {
        world.member(1).faults.on("freeze", Kind.REFUSED);
        List<Run> runs = take(KEEP_OTHERS, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsExactly(COMPLETED, FAILED, COMPLETED);
        assertThat(world.proof()).isEmpty();
        assertThat(world.evidence(world.member(0)).map(Evidence::detail).orElseThrow())
                .contains("of this machine alone", "web01", "the freeze failed");
        assertThat(runs.get(0).result().consistency()).contains(Consistency.FILESYSTEM);
    }

    @Test
    void one_that_is_refused_keeps_the_others_from_being_touched() {
        world.member(2).guest.withoutAgent();
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(ABANDONED);
        assertThat(world.members).allMatch(member -> member.faults.count("freeze") == 0);
    }

    @Test
    void what_falls_short_after_the_release_takes_all_with_it() {
        world.member(1).faults.before("thaw", world.member(1).guest::thawBehindTheAgent);
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(FAILED);
        assertThat(code(runs.get(1))).contains("CONSISTENCY");
        assertThat(journal.snapshots(Optional.empty())).isEmpty();
        assertThat(world.members).allMatch(member -> member.overlays().isEmpty());
    }

    @Test
    void a_slow_member_is_not_waited_for_beyond_what_the_others_leases_allow() {
        lastOneIsSlow();
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(FAILED);
        assertThat(runs.subList(0, 2))
                .allSatisfy(run -> assertThat(
                                run.result().error().map(RunError::message).orElseThrow())
                        .contains("vm 'web02' not held within"));
    }

    @Test
    void nor_is_it_where_the_others_are_kept() {
        lastOneIsSlow();
        List<Run> runs = take(KEEP_OTHERS, World.FILESYSTEM);
        assertThat(runs.subList(0, 2)).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(world.proof()).isEmpty();
    }

    /** Its freeze comes when the others have waited for half of what their leases have, and are released. */
    private void lastOneIsSlow() {
        CountDownLatch given = new CountDownLatch(2);
        world.member(0).faults.before("thaw", given::countDown);
        world.member(1).faults.before("thaw", given::countDown);
        world.member(2).faults.before("freeze", () -> {
            while (world.timing.waits(patience -> patience.compareTo(Duration.ofMinutes(1)) >= 0) < 2) {
                Thread.onSpinWait();
            }
            world.timing.patienceEnds();
            await(given);
        });
    }

    // ---- what happens to the process

    @Test
    void one_whose_sentinel_dies_while_all_are_held_takes_all_with_it() {
        world.member(1).faults.before("switchTo", world.member(1).guard::die);
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(FAILED);
        assertThat(journal.snapshots(Optional.empty())).isEmpty();
        assertThat(world.members).allMatch(member -> member.overlays().isEmpty());
    }

    /** The one that arms last is slow: a hold that began after the whole margin would be covered by nobody. */
    @Test
    void who_waits_for_another_ones_safeguards_gives_up_while_its_own_still_cover_a_hold() {
        Predicate<Duration> ofOnesThatAreArmed = patience -> patience.compareTo(Lease.MARGIN) < 0;
        world.member(2).faults.before("exec switch arm", () -> {
            while (world.timing.waits(ofOnesThatAreArmed) < 2) {
                Thread.onSpinWait();
            }
            world.timing.patienceEnds();
        });
        List<Run> runs = take(KEEP_OTHERS, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(world.evidence(world.member(0)).map(Evidence::detail).orElseThrow())
                .contains("of this machine alone", "vm 'web02' not ready within");
    }

    @Test
    void an_interruption_while_they_are_held_takes_all_back() {
        AtomicBoolean interrupted = new AtomicBoolean();
        world.members.forEach(member -> member.interruptedWhen(interrupted::get));
        world.member(1).faults.before("freeze", () -> interrupted.set(true));
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(FAILED);
        assertThat(code(runs.get(1))).contains("INTERRUPTED");
        assertThat(world.members).allMatch(member -> member.overlays().isEmpty());
    }

    @Test
    void an_interruption_after_all_are_taken_comes_too_late() {
        AtomicBoolean interrupted = new AtomicBoolean();
        world.members.forEach(member -> member.interruptedWhen(interrupted::get));
        world.member(1).faults.before("thaw", () -> interrupted.set(true));
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(COMPLETED);
        assertThat(world.proof()).isPresent();
    }

    @Test
    void a_proof_whose_answer_was_lost_is_looked_up() throws IOException {
        world = new GroupWorld(images.resolve("lost"), new SilentProof(journal, 0).journal(), "db01", "web01");
        assertThat(take(ALL_OR_NOTHING, World.FILESYSTEM))
                .extracting(Run::state)
                .containsOnly(COMPLETED);
        assertThat(world.proof()).isPresent();
    }

    @Test
    void where_nobody_knows_whether_the_proof_was_written_nothing_is_claimed_and_nothing_taken_back()
            throws IOException {
        world = new GroupWorld(images.resolve("lost"), new SilentProof(journal, 1).journal(), "db01", "web01");
        List<Run> runs = take(ALL_OR_NOTHING, World.FILESYSTEM);
        assertThat(runs).extracting(Run::state).containsOnly(QUARANTINED);
        assertThat(runs).allMatch(run -> code(run).equals(Optional.of("JOURNAL")));
        assertThat(world.members).allMatch(member -> member.overlays().size() == 1);
    }

    private List<Run> take(GroupRule rule, SnapshotOptions options) {
        List<Run> runs = world.take(rule, options);
        world.requireEnded(runs);
        world.requirePromises(rule);
        return runs;
    }

    private static Optional<String> code(Run run) {
        return run.result().error().map(RunError::code);
    }

    private static void awaitTaken(World member) {
        while (member.guest.frozenAtSwitch().isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
