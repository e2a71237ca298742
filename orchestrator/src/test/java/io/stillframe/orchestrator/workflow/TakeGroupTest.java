package io.stillframe.orchestrator.workflow;

import static io.stillframe.db.GroupRule.ALL_OR_NOTHING;
import static io.stillframe.db.GroupRule.KEEP_OTHERS;
import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.RELEASED;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    void each_member_has_its_own_lease_and_sentinel() {
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
        List<Run> runs =
                take(ALL_OR_NOTHING, World.FILESYSTEM.onDoubt(new OnDoubt(0, OnDoubt.Then.KEEP_AS_CRASH)));
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
                .allSatisfy(run -> assertThat(run.result().error().map(RunError::message).orElseThrow())
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
            while (!world.timing.isWaited(2, Duration.ofMinutes(1))) {
                Thread.onSpinWait();
            }
            world.timing.patienceEnds();
            await(given);
        });
    }

    // ---- whatever goes wrong

    @ParameterizedTest
    @CsvSource({
        "ALL_OR_NOTHING, FILESYSTEM, REFUSED",
        "ALL_OR_NOTHING, FILESYSTEM, REPLY_LOST",
        "ALL_OR_NOTHING, CRASH, REPLY_LOST",
        "KEEP_OTHERS, FILESYSTEM, REFUSED",
        "KEEP_OTHERS, CRASH, REFUSED"
    })
    void whatever_call_goes_wrong_the_group_is_what_it_claims(
            GroupRule rule, Consistency required, Kind kind, @TempDir Path worlds) throws Exception {
        int nth = 1; // call 0 opens the handle that the run is given
        do {
            nth++;
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), journal, "db01", "web01");
            world.member(nth % 2).faults.onNth(nth / 2, kind);
            take(rule, World.options(Optional.of(required)));
        } while (world.member(nth % 2).faults.calls().size() > nth / 2);
        assertThat(nth).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({"ALL_OR_NOTHING, FILESYSTEM", "ALL_OR_NOTHING, CRASH", "KEEP_OTHERS, FILESYSTEM", "KEEP_OTHERS, CRASH"})
    void at_whatever_call_of_a_guest_the_process_dies_the_group_is_all_there_or_none_of_it(
            GroupRule rule, Consistency required, @TempDir Path worlds) throws Exception {
        int nth = 0;
        boolean died = true;
        while (died) {
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), journal, "db01", "web01", "web02");
            world.member(nth % 3).faults.dieAt(nth / 3, world::dieWith);
            died = world.diesTaking(rule, World.options(Optional.of(required)));
            world.recover();
            world.requirePromises(rule);
            nth++;
        }
        assertThat(nth).isGreaterThan(75);
    }

    @ParameterizedTest
    @CsvSource({
        "ALL_OR_NOTHING, FILESYSTEM, false",
        "ALL_OR_NOTHING, FILESYSTEM, true",
        "ALL_OR_NOTHING, CRASH, true",
        "KEEP_OTHERS, FILESYSTEM, true"
    })
    void at_whatever_change_of_the_journal_the_process_dies_the_group_is_all_there_or_none_of_it(
            GroupRule rule, Consistency required, boolean made, @TempDir Path worlds) throws Exception {
        List<Boolean> proved = new ArrayList<>();
        boolean died = true;
        for (int nth = 0; died; nth++) {
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), journal, "db01", "web01");
            world.mortal.dieAt(nth, made, world::dieWith);
            died = world.diesTaking(rule, World.options(Optional.of(required)));
            world.recover();
            world.requirePromises(rule);
            proved.add(world.proof().isPresent());
        }
        assertThat(proved)
                .as("it died before the proof, and after it")
                .contains(false, true)
                .hasSizeGreaterThan(20);
    }

    @Test
    void a_group_that_was_not_proved_is_taken_back_though_all_its_members_had_come_through(@TempDir Path worlds)
            throws Exception {
        for (int nth = 0; nth < 40; nth++) {
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), journal, "db01", "web01");
            world.mortal.dieAt(nth, false, world::dieWith);
            boolean died = world.diesTaking(ALL_OR_NOTHING, World.CRASH);
            boolean released = died && world.states().equals(List.of(RELEASED, RELEASED));
            if (released && world.proof().isEmpty()) {
                world.recover();
                assertThat(world.states()).containsOnly(FAILED);
                assertThat(world.members).allMatch(member -> member.overlays().isEmpty());
                return;
            }
            world.recover();
        }
        throw new AssertionError("it never died between the release and the proof");
    }

    @Test
    void one_that_was_proved_is_finished_though_its_disks_cannot_be_read_any_more(@TempDir Path worlds)
            throws Exception {
        for (int nth = 0; nth < 60; nth++) {
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), journal, "db01", "web01");
            world.mortal.dieAt(nth, true, world::dieWith);
            boolean died = world.diesTaking(ALL_OR_NOTHING, World.FILESYSTEM);
            if (died && world.proof().isPresent() && world.states().contains(RELEASED)) {
                for (World member : world.members) {
                    var unused = member.holding("vda", worlds.resolve("gone"));
                }
                world.recover();
                assertThat(world.states()).containsOnly(COMPLETED);
                return;
            }
            world.recover();
        }
        throw new AssertionError("it never died between the proof and the end");
    }

    private List<Run> take(GroupRule rule, SnapshotOptions options) {
        List<Run> runs = world.take(rule, options);
        for (int i = 0; i < runs.size(); i++) {
            world.member(i).requirePromises(runs.get(i));
        }
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
            assertThat(latch.await(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
