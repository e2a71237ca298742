package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.BROKEN;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.JOB;
import static io.stillframe.db.Sample.LATER_JOB;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.job;
import static io.stillframe.db.Sample.snapshotted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.stillframe.db.JournalException.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** How jobs begin, end and are read. */
class JournalJobTest {
    private static final JobChange ODD =
            new JobChange("vda", "lvm", "vg/sf-'\"\\;--", "f".repeat(1000), "\u00e4 \ud83d\ude00");
    private static final JobChange CHANGE = new JobChange("vdb", "qcow2", "/images/a", "/images/b", "raw");

    @TempDir
    private Path directory;

    private Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
        snapshotted(journal, FIRST, AT);
        snapshotted(journal, SECOND, AT);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @ParameterizedTest
    @EnumSource(JobKind.class)
    void a_job_is_read_as_it_was_begun(JobKind kind) {
        Job asked = new Job(
                JOB,
                kind,
                FIRST,
                VM,
                "db01",
                Optional.of("db01-copy"),
                JobState.BEGUN,
                0,
                AT.plusNanos(999),
                Optional.empty(),
                List.of(ODD, CHANGE),
                Optional.empty());
        Job begun = journal.begin(asked);
        assertThat(begun).usingRecursiveComparison().ignoringFields("startedAt").isEqualTo(asked);
        assertThat(begun.startedAt()).isEqualTo(AT);
        reopen();
        assertThat(journal.unfinishedJobs()).containsExactly(begun);
        assertThat(journal.jobs(Optional.empty())).containsExactly(begun);
    }

    @Test
    void a_job_begins_at_its_beginning() {
        Job begun = journal.begin(job(JOB, JobKind.CLONE, FIRST));
        Job done = journal.finish(begun, JobState.DONE, AT, Optional.empty());
        assertThatIllegalArgumentException().isThrownBy(() -> journal.begin(done));
        assertThat(journal.jobs(Optional.empty())).containsExactly(done);
    }

    @Test
    void a_machine_has_one_unfinished_job_at_most() {
        Job clone = journal.begin(job(JOB, JobKind.CLONE, FIRST));
        assertStale(() -> journal.begin(job(LATER_JOB, JobKind.REMOVE, SECOND)));
        Job quarantined = journal.finish(clone, JobState.QUARANTINED, AT, Optional.of(BROKEN));
        assertStale(() -> journal.begin(job(LATER_JOB, JobKind.REMOVE, SECOND)));
        assertThat(state(SECOND)).isEqualTo(SnapshotState.PRESENT);
        journal.finish(quarantined, JobState.FAILED, AT, Optional.empty());
        journal.begin(job(LATER_JOB, JobKind.REMOVE, SECOND));
    }

    @Test
    void machines_do_not_wait_for_each_other() {
        UUID otherVm = new UUID(0, 2);
        RunId other = new RunId("000000000009");
        journal.advance(journal.plan(other, otherVm, "db02", AT), RunState.SNAPSHOTTED, AT);
        Job first = journal.begin(job(JOB, JobKind.CLONE, FIRST));
        Job second = journal.begin(of(otherVm, job(LATER_JOB, JobKind.CLONE, other)));
        assertThat(journal.unfinishedJobs()).containsExactlyInAnyOrder(first, second);
    }

    @ParameterizedTest
    @EnumSource(JobKind.class)
    void a_job_needs_a_snapshot_of_its_machine(JobKind kind) {
        assertStale(() -> journal.begin(job(JOB, kind, new RunId("zzzzzzzzzzzz"))));
        assertStale(() -> journal.begin(of(new UUID(0, 2), job(JOB, kind, FIRST))));
        assertThat(journal.jobs(Optional.empty())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "REMOVE")
    void what_the_storage_has_lost_is_good_for_nothing_but_to_be_removed(JobKind kind) {
        journal.lost(FIRST);
        assertStale(() -> journal.begin(job(JOB, kind, FIRST)));
        journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        assertThat(state(FIRST)).isEqualTo(SnapshotState.REMOVING);
    }

    @Test
    void no_job_bears_a_run_s_name_and_no_run_a_job_s() {
        assertTaken(() -> journal.begin(job(FIRST, JobKind.CLONE, FIRST)));
        assertThat(journal.jobs(Optional.empty())).isEmpty();
        Job begun = journal.begin(job(JOB, JobKind.CLONE, FIRST));
        assertTaken(() -> journal.plan(JOB, VM, "db01", AT));
        assertThat(journal.runsLike(JOB.value())).isEmpty();
        journal.finish(begun, JobState.DONE, AT, Optional.empty());
        assertTaken(() -> journal.begin(job(JOB, JobKind.CLONE, SECOND)));
        assertTaken(() -> journal.plan(JOB, VM, "db01", AT));
    }

    @Test
    void an_end_is_read_as_it_was_said_and_a_later_one_takes_its_place() {
        Job begun = journal.begin(job(JOB, JobKind.CLONE, FIRST, CHANGE));
        Instant at = AT.plusSeconds(1).plusNanos(999);
        Job quarantined = journal.finish(begun, JobState.QUARANTINED, at, Optional.of(BROKEN));
        assertThat(quarantined.version()).isEqualTo(1);
        assertThat(quarantined.endedAt()).contains(AT.plusSeconds(1));
        assertThat(quarantined.error()).contains(BROKEN);
        reopen();
        assertThat(journal.unfinishedJobs()).containsExactly(quarantined);
        Job done = journal.finish(quarantined, JobState.DONE, AT.plusSeconds(2), Optional.empty());
        assertThat(done.error()).isEmpty();
        assertThat(done.changes()).containsExactly(CHANGE);
        reopen();
        assertThat(journal.unfinishedJobs()).isEmpty();
        assertThat(journal.jobs(Optional.empty())).containsExactly(done);
    }

    @ParameterizedTest
    @EnumSource(names = {"DONE", "FAILED"})
    void a_job_comes_to_its_end_once(JobState end) {
        Job begun = journal.begin(job(JOB, JobKind.REVERT, FIRST));
        Job ended = journal.finish(begun, end, AT, Optional.empty());
        assertStale(() -> journal.finish(ended, JobState.DONE, AT, Optional.of(BROKEN)));
        assertStale(() -> journal.finish(begun, JobState.QUARANTINED, AT, Optional.of(BROKEN)));
        assertThat(journal.jobs(Optional.empty())).containsExactly(ended);
    }

    @Test
    void an_end_that_came_too_late_changes_nothing() {
        Job stale = journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        Job moved = journal.finish(stale, JobState.QUARANTINED, AT, Optional.of(BROKEN));
        assertStale(() -> journal.finish(stale, JobState.DONE, AT, Optional.empty()));
        assertStale(() -> journal.finish(job(LATER_JOB, JobKind.REMOVE, FIRST), JobState.DONE, AT, Optional.empty()));
        assertThat(journal.unfinishedJobs()).containsExactly(moved);
        assertThat(state(FIRST)).isEqualTo(SnapshotState.REMOVING);
    }

    @Test
    void a_job_does_not_begin_again() {
        Job begun = journal.begin(job(JOB, JobKind.REMOVE, FIRST));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> journal.finish(begun, JobState.BEGUN, AT, Optional.empty()));
        assertThat(journal.unfinishedJobs()).containsExactly(begun);
    }

    @Test
    void jobs_are_found_by_machine_newest_first_by_id_and_those_to_be_taken_up_oldest_first() {
        Job first = journal.finish(
                journal.begin(job(JOB, JobKind.CLONE, FIRST)), JobState.DONE, AT.plusSeconds(9), Optional.empty());
        Job second = journal.begin(at(AT.plusSeconds(2), job(LATER_JOB, JobKind.CLONE, FIRST)));
        UUID otherVm = new UUID(0, 2);
        RunId other = new RunId("000000000009");
        journal.advance(journal.plan(other, otherVm, "db02", AT), RunState.SNAPSHOTTED, AT);
        Job third = journal.begin(
                at(AT.plusSeconds(1), of(otherVm, job(new RunId("0000000000j0"), JobKind.REMOVE, other))));
        assertThat(journal.jobs(Optional.empty())).containsExactly(second, third, first);
        assertThat(journal.jobs(Optional.of("db01"))).containsExactly(second, first);
        assertThat(journal.jobs(Optional.of(otherVm.toString()))).containsExactly(third);
        assertThat(journal.jobs(Optional.of("db03"))).isEmpty();
        assertThat(journal.jobsLike("0000000000j")).containsExactly(third, first);
        assertThat(journal.jobsLike(LATER_JOB.value())).containsExactly(second);
        assertThat(journal.jobsLike("0000000000_")).isEmpty();
        assertThat(journal.unfinishedJobs()).containsExactly(third, second);
    }

    private SnapshotState state(RunId run) {
        return journal.snapshots(Optional.empty()).stream()
                .filter(of -> of.run().equals(run))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private void reopen() {
        journal.close();
        journal = Journal.open(directory);
    }

    private static Job of(UUID vm, Job job) {
        String name = vm.equals(VM) ? "db01" : "db02";
        return new Job(
                job.id(),
                job.kind(),
                job.snapshot(),
                vm,
                name,
                job.name(),
                job.state(),
                job.version(),
                job.startedAt(),
                job.endedAt(),
                job.changes(),
                job.error());
    }

    private static Job at(Instant startedAt, Job job) {
        return new Job(
                job.id(),
                job.kind(),
                job.snapshot(),
                job.vm(),
                job.vmName(),
                job.name(),
                job.state(),
                job.version(),
                startedAt,
                job.endedAt(),
                job.changes(),
                job.error());
    }

    private static void assertStale(ThrowingCallable call) {
        assertRefused(Kind.STALE, call);
    }

    private static void assertTaken(ThrowingCallable call) {
        assertRefused(Kind.IO, call);
    }

    private static void assertRefused(Kind kind, ThrowingCallable call) {
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(kind));
    }
}
