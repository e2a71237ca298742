package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.BROKEN;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.JOB;
import static io.stillframe.db.Sample.LATER_JOB;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.THIRD;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.intent;
import static io.stillframe.db.Sample.job;
import static io.stillframe.db.Sample.snapshotted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the end of a job means for the machine: three snapshots, each the overlay of the one before. */
class JournalRemovalTest {
    private static final RunId OTHER = new RunId("000000000009");
    private static final UUID OTHER_VM = new UUID(0, 2);

    /** The layer of the second snapshot is merged into that of the first one. */
    private static final JobChange MERGE = new JobChange("vda", "qcow2", "b", "a", "raw");

    @TempDir
    private Path directory;

    private Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
        snapshotted(journal, FIRST, AT, volume("vda", "qcow2", "a", "b"), volume("vdb", "lvm", "b", "b"));
        snapshotted(journal, SECOND, AT.plusSeconds(1), volume("vda", "qcow2", "b", "c"));
        snapshotted(journal, THIRD, AT.plusSeconds(2), volume("vda", "qcow2", "c", "d"));
        journal.plan(OTHER, OTHER_VM, "db02", AT);
        journal.intend(OTHER, intent(volume("vda", "qcow2", "b", "b")));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void a_removal_shows_from_its_beginning() {
        journal.begin(job(JOB, JobKind.REMOVE, FIRST, MERGE));
        reopen();
        assertThat(states()).containsExactly(SnapshotState.PRESENT, SnapshotState.PRESENT, SnapshotState.REMOVING);
        assertThat(journal.volumes(SECOND)).containsExactly(volume("vda", "qcow2", "b", "c"));
    }

    @Test
    void what_was_merged_away_is_named_by_no_run_of_the_machine_any_more() {
        remove(FIRST, MERGE);
        reopen();
        assertThat(journal.volumes(FIRST))
                .containsExactly(volume("vda", "qcow2", "a", "a"), volume("vdb", "lvm", "b", "b"));
        assertThat(journal.volumes(SECOND)).containsExactly(new RunVolume("vda", "qcow2", "a", "raw", "c", "NOTHING"));
        assertThat(snapshots().get(1).volumes()).isEqualTo(journal.volumes(SECOND));
        assertThat(journal.intent(SECOND).orElseThrow().volumes()).isEqualTo(journal.volumes(SECOND));
        assertThat(journal.volumes(THIRD)).containsExactly(volume("vda", "qcow2", "c", "d"));
        assertThat(journal.volumes(OTHER)).containsExactly(volume("vda", "qcow2", "b", "b"));
    }

    @Test
    void changes_are_made_one_after_the_other() {
        remove(
                SECOND,
                new JobChange("vda", "qcow2", "c", "b", "qcow2"),
                new JobChange("vda", "qcow2", "b", "z", "raw"));
        assertThat(journal.volumes(FIRST)).startsWith(volume("vda", "qcow2", "a", "z"));
        assertThat(journal.volumes(THIRD)).containsExactly(new RunVolume("vda", "qcow2", "z", "raw", "d", "NOTHING"));
    }

    @Test
    void where_nothing_moves_no_format_does() {
        remove(FIRST, new JobChange("vda", "qcow2", "b", "b", "raw"));
        assertThat(journal.volumes(SECOND)).containsExactly(volume("vda", "qcow2", "b", "c"));
    }

    @Test
    void a_snapshot_that_is_removed_leaves_its_place_to_its_parent() {
        remove(SECOND);
        reopen();
        assertThat(snapshots()).extracting(Snapshot::run).containsExactly(THIRD, FIRST);
        assertThat(snapshots()).extracting(Snapshot::parent).containsExactly(Optional.of(FIRST), Optional.empty());
        assertThat(journal.head(VM)).contains(THIRD);
    }

    @Test
    void the_head_that_is_removed_leaves_its_place_to_its_parent() {
        remove(THIRD);
        assertThat(journal.head(VM)).contains(SECOND);
        assertThat(snapshots()).extracting(Snapshot::parent).containsExactly(Optional.of(FIRST), Optional.empty());
    }

    @Test
    void when_all_are_removed_there_is_no_head() {
        remove(FIRST);
        assertThat(snapshots()).extracting(Snapshot::parent).containsExactly(Optional.of(SECOND), Optional.empty());
        remove(THIRD);
        assertThat(journal.head(VM)).contains(SECOND);
        remove(SECOND);
        reopen();
        assertThat(snapshots()).isEmpty();
        assertThat(journal.head(VM)).isEmpty();
    }

    @Test
    void a_removal_that_was_not_begun_gives_the_snapshot_back() {
        fail(journal.begin(job(JOB, JobKind.REMOVE, FIRST, MERGE)));
        reopen();
        assertThat(states()).containsOnly(SnapshotState.PRESENT);
        assertThat(journal.volumes(SECOND)).containsExactly(volume("vda", "qcow2", "b", "c"));
        journal.begin(job(LATER_JOB, JobKind.REMOVE, FIRST));
    }

    @Test
    void a_lost_snapshot_whose_removal_was_not_begun_is_still_lost() {
        journal.lost(FIRST);
        Job earlier = journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        assertThat(states()).endsWith(SnapshotState.REMOVING);
        fail(earlier);
        assertThat(states()).endsWith(SnapshotState.LOST);
    }

    @Test
    void a_lost_snapshot_that_is_found_again_is_present() {
        journal.lost(FIRST);
        journal.found(FIRST);
        reopen();
        assertThat(states()).containsOnly(SnapshotState.PRESENT);
        journal.opened(FIRST, journal.snapshots(Optional.empty()).get(0).takenAt());
    }

    @Test
    void whoever_saw_a_snapshot_half_gone_while_it_was_being_removed_says_nothing_of_what_it_is() {
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        journal.lost(FIRST);
        assertThat(states()).endsWith(SnapshotState.REMOVING);
        fail(removal);
        assertThat(states()).endsWith(SnapshotState.PRESENT);
    }

    @Test
    void a_lost_snapshot_is_not_found_again_while_it_is_being_removed() {
        journal.lost(FIRST);
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        journal.found(FIRST);
        fail(removal);
        assertThat(states()).endsWith(SnapshotState.LOST);
    }

    @Test
    void a_removal_that_is_given_up_leaves_a_lost_snapshot_in_the_same_moment() {
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, FIRST, MERGE));
        Job ended = journal.giveUp(removal, AT.plusSeconds(9), BROKEN, List.of());
        reopen();
        assertThat(journal.jobs(Optional.empty())).containsExactly(ended);
        assertThat(ended.state()).isEqualTo(JobState.FAILED);
        assertThat(ended.error()).contains(BROKEN);
        assertThat(states()).endsWith(SnapshotState.LOST);
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(() -> journal.giveUp(removal, AT, BROKEN, List.of()))
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(JournalException.Kind.STALE));
    }

    @Test
    void what_a_removal_had_merged_when_it_was_given_up_is_named_where_it_is() {
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, FIRST, MERGE));
        journal.giveUp(removal, AT, BROKEN, List.of(MERGE));
        reopen();
        assertThat(journal.volumes(SECOND)).containsExactly(new RunVolume("vda", "qcow2", "a", "raw", "c", "NOTHING"));
        assertThat(states()).containsExactly(SnapshotState.PRESENT, SnapshotState.PRESENT, SnapshotState.LOST);
    }

    @Test
    void a_removal_that_has_come_to_its_end_is_not_given_up() {
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        Job failed = journal.finish(removal, JobState.FAILED, AT, Optional.of(BROKEN));
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(() -> journal.giveUp(failed, AT, BROKEN, List.of()));
        assertThat(states()).containsOnly(SnapshotState.PRESENT);
    }

    @ParameterizedTest
    @EnumSource(names = {"CLONE", "REVERT"})
    void what_else_is_given_up_leaves_the_snapshot_what_it_is(JobKind kind) {
        journal.giveUp(journal.begin(job(JOB, kind, FIRST)), AT, BROKEN, List.of());
        assertThat(states()).containsOnly(SnapshotState.PRESENT);
        assertThat(journal.unfinishedJobs()).isEmpty();
    }

    @Test
    void a_removal_that_nobody_understands_leaves_all_as_it_is() {
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, THIRD, MERGE));
        journal.finish(removal, JobState.QUARANTINED, AT, Optional.of(BROKEN));
        reopen();
        assertThat(states()).startsWith(SnapshotState.REMOVING);
        assertThat(journal.head(VM)).contains(THIRD);
        assertThat(journal.volumes(SECOND)).containsExactly(volume("vda", "qcow2", "b", "c"));
    }

    @Test
    void a_removal_does_what_it_began_with_whatever_it_is_ended_with() {
        Job removal = journal.begin(job(JOB, JobKind.REMOVE, FIRST, MERGE));
        Job altered = job(JOB, JobKind.CLONE, THIRD);
        Job done = journal.finish(altered, JobState.DONE, AT, Optional.empty());
        assertThat(done.changes()).isEqualTo(removal.changes());
        assertThat(snapshots()).extracting(Snapshot::run).containsExactly(THIRD, SECOND);
        assertThat(journal.volumes(SECOND)).extracting(RunVolume::snapshot).containsExactly("a");
    }

    @Test
    void a_reverted_machine_comes_from_the_snapshot_and_so_does_its_next_one() {
        Job revert = journal.begin(job(JOB, JobKind.REVERT, FIRST, MERGE));
        assertThat(journal.head(VM)).contains(THIRD);
        journal.finish(revert, JobState.DONE, AT, Optional.empty());
        reopen();
        assertThat(journal.head(VM)).contains(FIRST);
        assertThat(states()).hasSize(3).containsOnly(SnapshotState.PRESENT);
        assertThat(journal.volumes(SECOND)).containsExactly(volume("vda", "qcow2", "b", "c"));
        snapshotted(journal, new RunId("000000000004"), AT.plusSeconds(4));
        assertThat(snapshots().get(0).parent()).contains(FIRST);
        assertThat(snapshots().get(2).parent()).contains(FIRST);
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILED", "QUARANTINED"})
    void a_revert_that_was_not_done_moves_no_head(JobState to) {
        journal.finish(journal.begin(job(JOB, JobKind.REVERT, FIRST)), to, AT, Optional.of(BROKEN));
        assertThat(journal.head(VM)).contains(THIRD);
    }

    @Test
    void a_clone_changes_nothing_of_the_machine() {
        List<Snapshot> before = snapshots();
        journal.finish(journal.begin(job(JOB, JobKind.CLONE, FIRST, MERGE)), JobState.DONE, AT, Optional.empty());
        assertThat(snapshots()).isEqualTo(before);
        assertThat(journal.head(VM)).contains(THIRD);
    }

    @Test
    void a_job_outlives_the_record_of_its_snapshot_s_failed_run() {
        Run run = journal.runsLike(THIRD.value()).get(0);
        Job revert = journal.begin(job(JOB, JobKind.REVERT, THIRD));
        journal.end(run, RunState.FAILED, AT, REFUSED, List.of());
        journal.finish(revert, JobState.DONE, AT, Optional.empty());
        assertThat(journal.head(VM)).contains(SECOND);
        assertThat(journal.unfinishedJobs()).isEmpty();
    }

    private void remove(RunId snapshot, JobChange... changes) {
        RunId id = new RunId("0000000000x" + snapshot.value().charAt(11));
        Job done = journal.finish(
                journal.begin(job(id, JobKind.REMOVE, snapshot, changes)), JobState.DONE, AT, Optional.empty());
        assertThat(done.state()).isEqualTo(JobState.DONE);
    }

    private void fail(Job job) {
        journal.finish(job, JobState.FAILED, AT, Optional.of(BROKEN));
    }

    /** The newest first. */
    private List<Snapshot> snapshots() {
        return journal.snapshots(Optional.empty());
    }

    private List<SnapshotState> states() {
        return snapshots().stream().map(Snapshot::state).toList();
    }

    private void reopen() {
        journal.close();
        journal = Journal.open(directory);
    }

    private static RunVolume volume(String disk, String driver, String snapshot, String active) {
        return new RunVolume(disk, driver, snapshot, "qcow2", active, "NOTHING");
    }
}
