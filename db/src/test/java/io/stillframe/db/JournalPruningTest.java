package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.BROKEN;
import static io.stillframe.db.Sample.EVIDENCE;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.JOB;
import static io.stillframe.db.Sample.LATER_JOB;
import static io.stillframe.db.Sample.PROVED;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.THIRD;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.job;
import static io.stillframe.db.Sample.snapshotted;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Which records go once they have ended long ago, and which stay because a snapshot may need them. */
class JournalPruningTest extends OpenedJournal {
    private static final RunId FOURTH = new RunId("000000000004");
    private static final UUID OTHER_VM = new UUID(0, 2);

    /** After all that has ended. */
    private static final Instant LATER = AT.plusSeconds(3600);

    @Test
    void a_run_that_left_nothing_goes_with_all_that_is_known_of_it_once_it_has_ended_before() {
        failed(FIRST, AT);
        assertThat(prune(AT)).isEqualTo(Expired.NOTHING);
        assertThat(prune(AT.plusNanos(1000))).isEqualTo(new Expired(List.of(), List.of(FIRST)));
        reopen();
        assertThat(journal.runs(Optional.empty())).isEmpty();
        assertThat(journal.machines()).isEmpty();
        assertThat(journal.intent(FIRST)).isEmpty();
        assertThat(journal.transitions(FIRST)).isEmpty();
        assertThat(journal.volumes(FIRST)).isEmpty();
        assertThat(journal.evidence(FIRST)).isEmpty();
        failed(FIRST, AT); // its name is free again
    }

    @Test
    void what_would_go_is_told_beforehand_and_only_this_machines_goes() {
        failed(FIRST, AT);
        Run other = journal.plan(SECOND, OTHER_VM, "db02", AT);
        Run kept = journal.end(other, RunState.ABANDONED, AT, REFUSED, List.of());
        assertThat(journal.machines()).containsExactlyInAnyOrder(VM, OTHER_VM);
        assertThat(journal.expired(VM, LATER).runs()).containsExactly(FIRST);
        assertThat(journal.runs(Optional.empty())).hasSize(2);
        prune(LATER);
        assertThat(journal.runs(Optional.empty())).containsExactly(kept);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"COMPLETED", "FAILED", "ABANDONED", "GIVEN_UP"})
    void a_run_that_is_in_no_final_state_stays(RunState state) {
        Run run = journal.end(journal.plan(FIRST, VM, "db01", AT), state, AT, REFUSED, List.of());
        assertThat(journal.expired(VM, LATER)).isEqualTo(Expired.NOTHING);
        journal.prune(VM, LATER, 9);
        assertThat(journal.runs(Optional.empty())).containsExactly(run);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {"FREEZING", "FROZEN", "QUIESCED", "SNAPSHOTTED", "UPDATED", "THAW_OVERDUE"})
    void nothing_goes_while_any_guest_may_be_held(RunState state) {
        failed(FIRST, AT);
        Run held = journal.advance(journal.plan(SECOND, OTHER_VM, "db02", AT), state, AT);
        assertThat(journal.prune(VM, LATER, 9)).isEmpty();
        assertThat(journal.runs(Optional.of("db01"))).hasSize(1);
        journal.end(held, RunState.FAILED, AT, REFUSED, List.of());
        assertThat(journal.prune(VM, LATER, 9).orElseThrow().runs()).containsExactly(FIRST);
    }

    @Test
    void whatever_there_is_of_a_snapshot_its_run_stays() {
        completed(FIRST, AT, "a", "b");
        completed(SECOND, AT.plusSeconds(1), "b", "c");
        completed(THIRD, AT.plusSeconds(2), "c", "d");
        journal.lost(SECOND);
        journal.finish(journal.begin(job(JOB, JobKind.REMOVE, THIRD)), JobState.QUARANTINED, AT, Optional.of(BROKEN));
        assertThat(prune(LATER)).isEqualTo(Expired.NOTHING);
        assertThat(journal.snapshots(Optional.empty()))
                .extracting(Snapshot::state)
                .containsExactly(SnapshotState.REMOVING, SnapshotState.LOST, SnapshotState.PRESENT);
    }

    @Test
    void what_a_removal_leaves_goes_the_job_before_the_run_once_that_has_ended_before() {
        completed(FIRST, AT, "a", "b");
        remove(JOB, FIRST, AT.plusSeconds(60), new JobChange("vda", "qcow2", "b", "a", "raw"));
        assertThat(prune(AT.plusSeconds(60))).as("the job's").isEqualTo(Expired.NOTHING);
        assertThat(journal.prune(VM, LATER, 1)).contains(new Expired(List.of(JOB), List.of()));
        reopen();
        assertThat(journal.jobs(Optional.empty())).isEmpty();
        assertThat(journal.runs(Optional.empty())).hasSize(1);
        assertThat(journal.prune(VM, LATER, 1)).contains(new Expired(List.of(), List.of(FIRST)));
        assertThat(journal.prune(VM, LATER, 1)).contains(Expired.NOTHING);
    }

    @ParameterizedTest
    @EnumSource(JobKind.class)
    void a_job_stays_as_long_as_the_snapshot_that_it_was_about(JobKind kind) {
        completed(FIRST, AT, "a", "b");
        journal.giveUp(journal.begin(job(JOB, kind, FIRST)), AT, BROKEN, List.of());
        assertThat(prune(LATER)).isEqualTo(Expired.NOTHING);
    }

    @ParameterizedTest
    @EnumSource(names = {"BEGUN", "QUARANTINED"})
    void nothing_of_a_machine_goes_while_one_of_its_jobs_is_unfinished(JobState state) {
        failed(FIRST, AT);
        completed(SECOND, AT, "a", "b");
        Job job = journal.begin(job(JOB, JobKind.CLONE, SECOND));
        Job unfinished = state == JobState.BEGUN ? job : journal.finish(job, state, AT, Optional.of(BROKEN));
        assertThat(prune(LATER)).isEqualTo(Expired.NOTHING);
        journal.finish(unfinished, JobState.DONE, AT, Optional.empty());
        assertThat(prune(LATER).runs()).containsExactly(FIRST);
    }

    @Test
    void a_revert_stays_as_long_as_the_machine_has_a_snapshot_that_was_taken_before_its_end() {
        completed(FIRST, AT, "a", "b");
        completed(SECOND, AT.plusSeconds(1), "b", "c");
        revert(JOB, FIRST, AT.plusSeconds(10), "c", "r");
        completed(THIRD, AT.plusSeconds(20), "r", "s");
        remove(LATER_JOB, FIRST, AT.plusSeconds(30));
        assertThat(prune(LATER).jobs()).as("the second one is older").containsExactly(LATER_JOB);
        remove(LATER_JOB, SECOND, AT.plusSeconds(31));
        assertThat(prune(LATER)).isEqualTo(new Expired(List.of(JOB, LATER_JOB), List.of()));
        remove(JOB, THIRD, AT.plusSeconds(32));
        assertThat(prune(LATER)).isEqualTo(new Expired(List.of(JOB), List.of(FIRST, SECOND, THIRD)));
    }

    @Test
    void of_the_runs_that_wrote_under_a_name_the_last_one_stays_while_there_is_a_snapshot() {
        completed(FIRST, AT, "a", "b");
        completed(SECOND, AT.plusSeconds(1), "b", "c");
        completed(THIRD, AT.plusSeconds(2), "c", "d");
        remove(JOB, SECOND, AT, new JobChange("vda", "qcow2", "c", "b", "qcow2"));
        assertThat(prune(LATER).runs()).as("no later one wrote to b").isEmpty();
        remove(LATER_JOB, FIRST, AT, new JobChange("vda", "qcow2", "b", "a", "raw"));
        assertThat(prune(LATER).runs()).containsExactly(FIRST);
        assertThat(journal.volumes(SECOND)).extracting(RunVolume::active).containsExactly("a");
        remove(JOB, THIRD, AT, new JobChange("vda", "qcow2", "d", "a", "raw"));
        assertThat(prune(LATER).runs()).as("there is no snapshot").containsExactly(SECOND, THIRD);
    }

    @Test
    void what_a_run_that_was_given_up_wrote_to_may_be_what_a_snapshot_lies_on() {
        completed(FIRST, AT, "a", "b");
        ended(SECOND, AT, RunState.GIVEN_UP, "b", "c");
        assertThat(journal.unfinished()).isEmpty();
        remove(JOB, SECOND, AT, new JobChange("vda", "qcow2", "c", "b", "qcow2"));
        assertThat(prune(LATER).runs()).as("it alone says b").isEmpty();
    }

    @Test
    void what_a_run_that_failed_would_have_written_to_was_taken_back() {
        completed(FIRST, AT, "a", "b");
        failed(SECOND, AT);
        assertThat(prune(LATER).runs()).containsExactly(SECOND);
    }

    @ParameterizedTest
    @EnumSource(names = {"COMPLETED", "FAILED"})
    void that_something_given_up_was_taken_up_again_is_said_by_one_run_as_long_as_that_it_was_given_up(RunState end) {
        completed(FIRST, AT, "a", "b");
        revert(JOB, FIRST, AT.plusSeconds(10), "b", "r");
        ended(SECOND, AT.plusSeconds(20), end, "b", "c");
        ended(THIRD, AT.plusSeconds(30), end, "b", "c");
        if (end == RunState.COMPLETED) {
            remove(new RunId("0000000000j3"), SECOND, AT.plusSeconds(40));
            remove(LATER_JOB, THIRD, AT.plusSeconds(40));
        }
        assertThat(prune(LATER).runs()).containsExactly(SECOND);
        assertThat(journal.runsLike(THIRD.value())).hasSize(1);
        remove(LATER_JOB, FIRST, AT.plusSeconds(50));
        assertThat(prune(LATER)).isEqualTo(new Expired(List.of(JOB, LATER_JOB), List.of(FIRST, THIRD)));
    }

    @Test
    void an_earlier_revert_that_gave_up_the_same_stays_with_the_later_one() {
        completed(FIRST, AT, "a", "b");
        revert(JOB, FIRST, AT.plusSeconds(10), "b", "r");
        remove(new RunId("0000000000j3"), FIRST, AT.plusSeconds(11));
        completed(SECOND, AT.plusSeconds(20), "b", "c");
        revert(LATER_JOB, SECOND, AT.plusSeconds(30), "b", "t");
        assertThat(prune(LATER).jobs()).containsExactly(new RunId("0000000000j3"));
    }

    @Test
    void a_group_is_told_of_as_long_as_there_is_one_of_its_runs() {
        RunGroup group = new RunGroup(FOURTH, GroupRule.KEEP_OTHERS, List.of(FIRST, SECOND, THIRD));
        journal.plan(group);
        prune(LATER);
        assertThat(journal.groupOf(FIRST)).as("it may be about to begin").contains(group);
        failed(FIRST, AT);
        Run other = journal.plan(SECOND, OTHER_VM, "db02", AT);
        prune(LATER);
        assertThat(journal.runsLike(FIRST.value())).isEmpty();
        assertThat(journal.groupOf(SECOND)).contains(group);
        journal.end(other, RunState.FAILED, AT, REFUSED, List.of());
        assertThat(journal.prune(OTHER_VM, LATER, 9).orElseThrow().runs()).containsExactly(SECOND);
        assertThat(journal.groupOf(SECOND)).isEmpty();
        journal.plan(group); // nothing is left of it
    }

    @Test
    void so_many_go_at_once_and_the_oldest_first() {
        failed(SECOND, AT.plusSeconds(1));
        failed(FIRST, AT);
        failed(THIRD, AT.plusSeconds(2));
        assertThat(journal.prune(VM, LATER, 2).orElseThrow().runs()).containsExactly(FIRST, SECOND);
        assertThat(journal.prune(VM, LATER, 2).orElseThrow().runs()).containsExactly(THIRD);
    }

    private Expired prune(Instant before) {
        Expired expected = journal.expired(VM, before);
        assertThat(journal.prune(VM, before, 99)).contains(expected);
        return expected;
    }

    private void failed(RunId id, Instant at) {
        ended(id, at, RunState.FAILED, "a", "never");
    }

    private void completed(RunId id, Instant at, String snapshot, String active) {
        ended(id, at, RunState.COMPLETED, snapshot, active);
    }

    private void ended(RunId id, Instant at, RunState end, String snapshot, String active) {
        Run run = snapshotted(journal, id, at, new RunVolume("vda", "qcow2", snapshot, "qcow2", active, "NOTHING"));
        journal.end(run, end, at, PROVED, List.of(EVIDENCE));
    }

    private void revert(RunId id, RunId snapshot, Instant at, String from, String to) {
        Job begun = journal.begin(job(id, JobKind.REVERT, snapshot, new JobChange("vda", "qcow2", from, to, "qcow2")));
        journal.finish(begun, JobState.DONE, at, Optional.empty());
    }

    private void remove(RunId id, RunId snapshot, Instant at, JobChange... changes) {
        journal.finish(journal.begin(job(id, JobKind.REMOVE, snapshot, changes)), JobState.DONE, at, Optional.empty());
    }
}
