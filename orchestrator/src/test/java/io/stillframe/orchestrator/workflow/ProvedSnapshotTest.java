package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.Disk;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.orchestrator.proof.RawDisks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run claims of its snapshot once it has asked the snapshot's own disks. */
class ProvedSnapshotTest extends OneGuest {
    @Test
    void the_disks_are_asked_when_the_guest_is_free_and_closed_again() {
        Run run = take(World.FILESYSTEM);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(world.faults.calls()).containsSubsequence("thaw", "driver.verify", "store.open", "store.close");
        assertThat(details("disk")).singleElement().asString().startsWith("vda: ");
        assertThat(details("filesystem")).singleElement().asString().contains("ext4 at /mnt/vda (vda1)", "at rest");
        assertThat(world.storage.open()).isEmpty();
        assertThat(world.snapshot().orElseThrow().openedAt()).isEmpty();
    }

    @Test
    void until_then_nothing_is_claimed() {
        List<Consistency> claimed = new ArrayList<>();
        world.faults.before("store.open", () -> {
            assertThat(world.run().state()).isEqualTo(RunState.RELEASED);
            claimed.add(world.snapshot().orElseThrow().consistency());
            claimed.add(world.run().result().consistency().orElseThrow());
        });
        take(World.FILESYSTEM);
        assertThat(claimed).containsExactly(Consistency.CRASH, Consistency.CRASH);
    }

    @Test
    void a_guest_that_only_says_that_it_is_frozen_is_found_out_by_its_disk() {
        world.holding("vda", RawDisks.ext4(false));
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.result().error().orElseThrow().code()).isEqualTo("CONSISTENCY");
        assertThat(run.result().error().orElseThrow().message()).contains("only 'crash'", "its journal is in use");
        assertThat(world.failedChecks()).as("what the disk said is kept").containsExactly("filesystem");
        assertThat(world.overlays()).isEmpty();
    }

    @Test
    void where_crash_will_do_it_is_kept_with_the_reason() {
        world.holding("vda", RawDisks.ext4(false));
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.snapshot().orElseThrow().consistency()).isEqualTo(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("filesystem");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_disk_that_cannot_be_opened_is_a_doubt(Kind kind) {
        world.faults.on("store.open", kind);
        Run run = take(World.CRASH);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        // one whose answer was lost is refused all the same; it is closed, whatever the answer was
        assertThat(run.result().consistency()).contains(Consistency.CRASH);
        assertThat(world.faults.count("store.close")).isEqualTo(1);
        assertThat(world.failedChecks()).contains("disk");
    }

    @Test
    void a_view_that_is_not_there_is_a_doubt() {
        world.holding("vda", images.resolve("nothing.raw"));
        assertThat(take(World.CRASH).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).contains("disk");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_view_that_does_not_close_is_known_as_open_and_costs_nothing(Kind kind) {
        world.faults.on("store.close", kind);
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(world.snapshot().orElseThrow().openedAt()).isPresent();
        assertThat(details("view")).singleElement().asString().contains("'stillframe close'");
    }

    @Test
    void what_is_no_more_than_crash_anyway_is_not_asked() {
        world.faults.on("thaw", Kind.REPLY_LOST);
        assertThat(take(World.CRASH).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.faults.calls()).doesNotContain("store.open");
    }

    @ParameterizedTest
    @ValueSource(strings = {"store.open", "store.close"})
    void a_run_that_dies_while_it_looks_is_taken_up_and_looks_again(String call) {
        World undisturbed = World.ofOneDisk(images, journal);
        undisturbed.take(World.FILESYSTEM);
        undisturbed.overlays().forEach(World::delete);
        dieAt(undisturbed.faults.calls().indexOf(call));
        assertThat(world.snapshot().orElseThrow().openedAt()).isPresent();

        Run run = world.recover(Optional.empty());
        world.requirePromises(run);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(world.snapshot().orElseThrow().openedAt()).isEmpty();
        assertThat(world.storage.open()).isEmpty();
    }

    @Test
    void a_run_that_was_cut_short_claims_no_more_than_its_disk_when_it_is_taken_up() {
        World undisturbed = World.ofOneDisk(images, journal);
        undisturbed.take(World.FILESYSTEM);
        undisturbed.overlays().forEach(World::delete);
        world.holding("vda", RawDisks.ext4(false));
        dieAt(undisturbed.faults.calls().indexOf("store.open"));

        Run run = world.recover(Optional.empty());
        world.requirePromises(run);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(world.failedChecks()).contains("filesystem");
    }

    @ParameterizedTest
    @CsvSource({"btrfs, btrfs-frozen", "xfs, xfs-frozen", "xfs, xfs-unmounted", "xfs, xfs-rewritten-frozen@6.1"})
    void what_can_look_so_in_use_is_proved_where_nothing_is_written_from_the_freeze_to_the_snapshot(
            String type, String image) {
        wholeDisk(type, image);
        Run run = take(World.FILESYSTEM);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        List<String> calls = world.faults.calls();
        assertThat(calls.subList(calls.indexOf("freeze") + 1, calls.indexOf("thaw")))
                .containsExactly(
                        "written", "driver.quiesce", "state", "driver.create", "switchTo", "written", "driver.update");
        assertThat(details("standstill")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"btrfs, btrfs-frozen", "xfs, xfs-frozen", "xfs, xfs-unmounted", "xfs, xfs-rewritten-frozen@6.1"})
    void what_can_look_so_in_use_is_not_where_its_disk_is_written_to_meanwhile(String type, String image) {
        wholeDisk(type, image);
        unfrozenWriter();
        assertThat(take(World.CRASH).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("filesystem");
        assertThat(details("writes")).hasSize(1);
    }

    @Test
    void what_else_is_written_to_a_disk_is_no_doubt_where_the_filesystem_tells_by_itself() {
        wholeDisk("ext4", "ext4-frozen");
        unfrozenWriter();
        assertThat(take(World.FILESYSTEM).result().consistency()).contains(Consistency.FILESYSTEM);
    }

    private void unfrozenWriter() {
        world.guest.filesystem(new GuestFilesystem("/unfrozen", "vda9", "vfat", List.of("vda")));
        world.guest.writing();
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REFUSED", "REPLY_LOST"})
    void a_btrfs_whose_writes_cannot_be_counted_is_not_and_that_fails_no_run(Kind kind) {
        wholeDisk("btrfs", "btrfs-frozen");
        world.faults.on("written", kind);
        assertThat(take(World.CRASH).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).containsExactly("filesystem");
    }

    private void wholeDisk(String type, String holding) {
        world = new World(images, journal);
        String image = world.image("vda").toString();
        world.guest
                .disk(new Disk("vda", "disk", "file", Optional.of(image), "qcow2", false, true, "none", List.of()))
                .filesystem(new GuestFilesystem("/data", "vda", type, List.of("vda")));
        world.holding("vda", RawDisks.whole(holding));
    }

    private Run take(SnapshotOptions options) {
        Run run = world.take(options);
        world.requirePromises(run);
        return run;
    }

    private void dieAt(int call) {
        world.faults.dieAt(call, journal::close);
        try {
            world.take(World.FILESYSTEM);
        } catch (Died e) {
            // with this call
        }
        world.faults.revive();
        world.guest.forgetHandles();
        journal = Journal.open(directory);
        world.readFrom(journal);
    }

    private List<String> details(String check) {
        return journal.evidence(world.id).stream()
                .filter(of -> of.check().equals(check))
                .map(Evidence::detail)
                .toList();
    }
}
