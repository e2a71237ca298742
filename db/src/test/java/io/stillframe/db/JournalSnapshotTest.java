package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.EVIDENCE;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.PROVED;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.VOLUME;
import static io.stillframe.db.Sample.intent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.db.JournalException.Kind;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class JournalSnapshotTest extends OpenedJournal {
    @Test
    void a_release_keeps_what_was_proved_for_whoever_ends_the_run() {
        plan(FIRST);
        Run released = journal.released(snapshotted(), AT.plusMillis(1), PROVED, List.of(EVIDENCE));
        assertThat(released.state()).isEqualTo(RunState.RELEASED);
        assertThat(released.result()).isEqualTo(PROVED);
        assertThat(released.endedAt()).isEmpty();
        assertThat(journal.unfinished()).containsExactly(released);
        assertThat(journal.evidence(FIRST)).containsExactly(EVIDENCE);
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.FILESYSTEM);
        assertThat(journal.transitions(FIRST)).endsWith(new Transition(RunState.RELEASED, AT.plusMillis(1)));
        Run ended = journal.end(released, RunState.COMPLETED, AT, released.result(), journal.evidence(FIRST));
        assertThat(journal.runs(Optional.empty())).containsExactly(ended);
        assertThat(journal.evidence(FIRST)).containsExactly(EVIDENCE);
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.FILESYSTEM);
    }

    @Test
    void a_release_after_an_end_opens_the_run_again() {
        Run overdue = journal.end(plan(FIRST), RunState.THAW_OVERDUE, AT, REFUSED, List.of());
        assertThat(overdue.endedAt()).contains(AT);
        Run released = journal.released(overdue, AT, PROVED, List.of());
        assertThat(released.endedAt()).isEmpty();
        assertThat(journal.unfinished()).containsExactly(released);
    }

    @Test
    void an_end_that_came_too_late_changes_nothing() {
        Run stale = plan(FIRST);
        Run moved = journal.advance(stale, RunState.SNAPSHOTTED, AT);
        assertStale(() -> journal.end(stale, RunState.FAILED, AT, REFUSED, List.of(EVIDENCE)));
        assertThat(journal.unfinished()).containsExactly(moved);
        assertThat(snapshots()).hasSize(1);
        assertThat(journal.evidence(FIRST)).isEmpty();
    }

    @Test
    void a_freeze_or_a_release_that_came_too_late_changes_nothing() {
        Run stale = plan(FIRST);
        Run moved = journal.advance(stale, RunState.SNAPSHOTTED, AT);
        assertStale(() -> journal.froze(stale, 2, AT));
        assertStale(() -> journal.released(stale, AT, PROVED, List.of(EVIDENCE)));
        assertThat(journal.unfinished()).containsExactly(moved);
        assertThat(journal.transitions(FIRST)).hasSize(2);
        assertThat(journal.evidence(FIRST)).isEmpty();
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.CRASH);
    }

    @Test
    void a_snapshot_claims_nothing_before_it_is_proved() {
        plan(FIRST);
        journal.intend(FIRST, intent(VOLUME));
        assertThat(snapshots()).isEmpty();
        snapshotted();
        assertThat(snapshots())
                .containsExactly(new Snapshot(
                        "sf-000000000001",
                        FIRST,
                        VM,
                        "db01",
                        AT,
                        Consistency.CRASH,
                        SnapshotState.PRESENT,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(VOLUME)));
    }

    @Test
    void a_completed_run_raises_its_snapshot_to_what_was_proved() {
        plan(FIRST);
        Run ended = journal.end(snapshotted(), RunState.COMPLETED, AT, PROVED, List.of(EVIDENCE));
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.FILESYSTEM);
        assertThat(journal.evidence(FIRST)).containsExactly(EVIDENCE);
        assertThat(journal.unfinished()).isEmpty();
        assertThat(journal.runs(Optional.empty())).containsExactly(ended);
    }

    @Test
    void a_failed_run_leaves_its_error_and_no_snapshot() {
        plan(FIRST);
        Run ended = journal.end(snapshotted(), RunState.FAILED, AT, REFUSED, List.of());
        assertThat(snapshots()).isEmpty();
        assertThat(journal.runs(Optional.empty())).containsExactly(ended);
    }

    @Test
    void a_quarantined_run_keeps_its_snapshot_as_the_weakest_class() {
        plan(FIRST);
        journal.end(snapshotted(), RunState.QUARANTINED, AT, REFUSED, List.of(EVIDENCE));
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.CRASH);
        assertThat(journal.evidence(FIRST)).containsExactly(EVIDENCE);
        assertThat(journal.unfinished()).hasSize(1);
    }

    @Test
    void a_snapshot_claims_what_its_last_evidence_proves_and_nothing_from_before() {
        plan(FIRST);
        Run quarantined = journal.end(snapshotted(), RunState.QUARANTINED, AT, PROVED, List.of(EVIDENCE));
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.FILESYSTEM);
        journal.end(quarantined, RunState.COMPLETED, AT, RunResult.NONE, List.of());
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.CRASH);
        assertThat(journal.evidence(FIRST)).isEmpty();
    }

    private Run plan(RunId id) {
        return journal.plan(id, VM, "db01", AT);
    }

    private List<Snapshot> snapshots() {
        return journal.snapshots(Optional.empty());
    }

    private Run snapshotted() {
        Run run = journal.unfinished().get(0);
        return journal.advance(run, RunState.SNAPSHOTTED, AT);
    }

    private static void assertStale(ThrowingCallable call) {
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(Kind.STALE));
    }
}
