package io.stillframe.orchestrator.workflow;

import static io.stillframe.db.GroupRule.ALL_OR_NOTHING;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.RELEASED;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.FakeJournal;
import io.stillframe.db.GroupRule;
import io.stillframe.guest.Faults.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups whose members' calls fail, and whose process dies, at every point there is. */
@Timeout(600)
class GroupUnderFaultsTest {
    private static final long SEEDS = Long.getLong("stillframe.groups", 300);

    private GroupWorld world;

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
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), new FakeJournal(), "db01", "web01");
            world.member(nth % 2).faults.onNth(nth / 2, kind);
            world.requireEnded(world.take(rule, World.options(Optional.of(required))));
            world.requirePromises(rule);
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
            world = new GroupWorld(
                    Files.createTempDirectory(worlds, "group"), new FakeJournal(), "db01", "web01", "web02");
            world.member(nth % 3).faults.dieAt(nth / 3, world::dieWith);
            died = world.diesTaking(rule, World.options(Optional.of(required)));
            world.recover();
            world.requirePromises(rule);
            // while it is open a member cannot be taken back
            assertThat(world.members)
                    .allSatisfy(member -> assertThat(member.storage.open())
                            .as("%s", member.faults.calls())
                            .isEmpty());
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
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), new FakeJournal(), "db01", "web01");
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
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), new FakeJournal(), "db01", "web01");
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
            world = new GroupWorld(Files.createTempDirectory(worlds, "group"), new FakeJournal(), "db01", "web01");
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

    /**
     * Each seed makes another group: of two or three, several things wrong with each, a process that may die of it.
     * {@code -Dstillframe.group=N} takes one again: its faults are the same, how its threads take turns is not.
     */
    @Test
    void whatever_goes_wrong_at_once_the_group_is_all_there_or_none_of_it(@TempDir Path worlds) throws Exception {
        Long one = Long.getLong("stillframe.group");
        List<GroupMischief> all = new ArrayList<>();
        for (long seed : (one == null ? LongStream.range(0, SEEDS) : LongStream.of(one)).toArray()) {
            GroupMischief mischief = GroupMischief.of(seed, Files.createTempDirectory(worlds, "group"));
            mischief.run();
            all.add(mischief);
        }
        if (one == null) {
            assertThat(all).as("some came through").anyMatch(of -> of.proved() && !of.died());
            assertThat(all).as("some came through after a death").anyMatch(of -> of.proved() && of.died());
            assertThat(all).as("most did not").filteredOn(of -> !of.proved()).hasSizeGreaterThan(all.size() / 4);
        }
    }
}
