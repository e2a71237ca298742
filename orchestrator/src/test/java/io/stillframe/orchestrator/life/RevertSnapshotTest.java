package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RevertSnapshotTest {
    private final LifeWorld world = new LifeWorld(true);
    private final Snapshot older = world.snapshot(1);

    RevertSnapshotTest() {
        world.snapshot(2);
        world.off();
    }

    @Test
    void a_revert_whose_definition_was_moved_is_done_though_the_machine_was_started_since() {
        dieAfter("redefine");
        world.guest.in(DomainState.RUNNING);
        assertThat(world.recover()).allMatch(JobResult::isDone);
        assertThat(world.disks()).isEqualTo(LifeWorld.moment(1));
        assertThat(world.kept.head(world.guest.id().uuid())).contains(older.run());
    }

    @ParameterizedTest
    @EnumSource(
            value = DomainState.class,
            names = {"SHUT_OFF", "RUNNING"})
    void one_that_was_broken_off_before_that_is_taken_back_and_the_machine_keeps_what_it_wrote_since(
            DomainState state) {
        dieAfter("store.revert");
        String active = world.guest.defined("vda").toString();
        world.storage.with(active, "what it wrote since");
        world.guest.in(state);
        assertThat(world.recover()).singleElement().satisfies(result -> {
            assertThat(result.job().orElseThrow().state()).isEqualTo(JobState.FAILED);
            assertThat(result.problem().orElseThrow().message())
                    .contains("its process ended; vm 'db01' has what it had");
        });
        assertThat(world.disks()).containsExactly("what it wrote since", "what vdb holds now");
        assertThat(world.storage.volumes())
                .as("what it has made")
                .noneMatch(volume -> volume.contains(LifeWorld.JOB.label()));
        assertThat(Admission.unfinishedJob(world.kept, world.guest.id().uuid())).isEmpty();
    }

    /** The definition is changed all at once: where it names one of the new volumes, it named all of them. */
    @Test
    void one_that_was_done_is_not_taken_back_because_a_disk_is_elsewhere_since() {
        dieAfter("redefine");
        Path reverted = world.guest.defined("vdb");
        world.guest.redefine("vdb", Path.of("/images/another"));
        assertThat(world.recover()).singleElement().satisfies(result -> {
            assertThat(result.job().orElseThrow().state()).isEqualTo(JobState.QUARANTINED);
            assertThat(result.problem().orElseThrow().hint()).contains("--retry", "--abandon");
        });
        assertThat(world.storage.content(reverted.toString())).contains("vdb at moment 1");
        world.guest.redefine("vdb", reverted);
        assertThat(world.recover()).allMatch(JobResult::isDone);
    }

    @Test
    void what_an_earlier_one_has_left_is_not_taken_for_the_beginning_of_this_one() {
        world.faults.on("store.giveUpRevert", Kind.REFUSED);
        JobResult result = attempt(world, older);
        assertThat(result.job().orElseThrow().state()).isEqualTo(JobState.FAILED);
        assertThat(world.faults.count("store.revert")).isZero();
        assertThat(world.disks()).isEqualTo(LifeWorld.now());
    }

    @Test
    void where_any_volume_is_brought_back_in_place_none_is_taken_back() {
        JobChange moves = new JobChange("vda", "qcow2", "/images/a", "/images/b", "qcow2");
        JobChange stays = new JobChange("vdb", "zfs", "/dev/zvol/b", "/dev/zvol/b", "raw");
        assertThat(RevertSnapshot.isTakenBack(job(moves))).isTrue();
        assertThat(RevertSnapshot.isTakenBack(job(moves, stays))).isFalse();
        assertThat(RevertSnapshot.isTakenBack(job(stays))).isFalse();
    }

    private Job job(JobChange... changes) {
        return new Job(
                LifeWorld.JOB,
                JobKind.REVERT,
                older.run(),
                older.vm(),
                older.vmName(),
                Optional.empty(),
                JobState.BEGUN,
                0,
                older.takenAt(),
                Optional.empty(),
                List.of(changes),
                Optional.empty());
    }

    /** Its definition tells nothing, and the machine may have written for days, or be writing now. */
    @ParameterizedTest
    @EnumSource(
            value = DomainState.class,
            names = {"SHUT_OFF", "RUNNING"})
    void one_in_place_that_was_broken_off_is_ended_by_an_operator_and_carried_through_by_nobody(DomainState state) {
        LifeWorld inPlace = new LifeWorld(false);
        Snapshot snapshot = inPlace.snapshot(1);
        inPlace.off();
        LifeWorld other = new LifeWorld(false);
        dieAfter("store.revert", other, other.snapshot(1), inPlace, snapshot);
        long reverts = inPlace.faults.count("store.revert");
        inPlace.guest.in(state);
        for (int look = 0; look < 2; look++) {
            assertThat(inPlace.recover()).singleElement().satisfies(result -> {
                assertThat(result.isDone()).isFalse();
                assertThat(result.problem().orElseThrow().message()).contains("was broken off");
                assertThat(result.problem().orElseThrow().hint())
                        .contains("--abandon " + LifeWorld.JOB.value())
                        .doesNotContain("--retry");
            });
            assertThat(inPlace.job().state()).isEqualTo(JobState.QUARANTINED);
        }
        assertThat(inPlace.faults.count("store.revert")).isEqualTo(reverts);
        inPlace.abandon();
        assertThat(inPlace.job().state()).isEqualTo(JobState.FAILED);
        assertThat(Admission.unfinishedJob(inPlace.kept, inPlace.guest.id().uuid()))
                .isEmpty();
    }

    @Test
    void what_the_machine_has_put_on_its_former_volume_or_given_away_is_not_written_over() {
        LifeWorld inPlace = new LifeWorld(false);
        Snapshot snapshot = inPlace.snapshot(1);
        inPlace.off();
        inPlace.guest.redefine("vdb", Path.of("/images/overlay-of-vdb"));
        JobResult result = attempt(inPlace, snapshot);
        assertThat(result.problem().orElseThrow().message())
                .contains("vm 'db01' was not touched: its vdb is no longer /images/vdb");
        assertThat(inPlace.hasBegun()).isFalse();
        assertThat(inPlace.storage.content("/images/vda")).contains("what vda holds now");
        inPlace.guest.redefine("vdb", Path.of("/images/../images/vdb"));
        assertThat(attempt(inPlace, snapshot).isDone()).as("by another path").isTrue();
        assertThat(inPlace.storage.content("/images/vdb")).contains("vdb at moment 1");
    }

    private void dieAfter(String call) {
        LifeWorld other = new LifeWorld(true);
        Snapshot to = other.snapshot(1);
        other.snapshot(2);
        dieAfter(call, other, to, world, older);
    }

    /** @param other of the same kind, where nobody dies */
    private static void dieAfter(String call, LifeWorld other, Snapshot otherTo, LifeWorld world, Snapshot to) {
        other.off();
        var whole = attempt(other, otherTo);
        assertThat(whole.isDone()).isTrue();
        int at = other.faults.calls().indexOf(call);
        world.faults.dieAt(at + 1, () -> {});
        try {
            var unused = attempt(world, to);
            throw new AssertionError("nobody died");
        } catch (Died e) {
            world.faults.revive();
            world.guest.forgetHandles();
        }
    }

    private static JobResult attempt(LifeWorld world, Snapshot to) {
        return new RevertSnapshot(world.place())
                .of(to, LifeWorld.JOB, Optional.empty())
                .result();
    }
}
