package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.JOB;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.THIRD;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.job;
import static io.stillframe.db.Sample.snapshotted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.db.JournalException.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Where a machine stands among its snapshots, and the views of them. */
class JournalLineageTest extends OpenedJournal {
    private static final UUID OTHER_VM = new UUID(0, 2);

    @Test
    void a_snapshot_s_parent_is_the_head_that_it_then_is_itself() {
        assertThat(journal.head(VM)).isEmpty();
        snapshotted(journal, FIRST, AT);
        assertThat(journal.head(VM)).contains(FIRST);
        snapshotted(journal, SECOND, AT.plusSeconds(1));
        reopen();
        assertThat(journal.head(VM)).contains(SECOND);
        assertThat(parents()).isEqualTo(Map.of(FIRST, Optional.empty(), SECOND, Optional.of(FIRST)));
    }

    @Test
    void every_machine_has_its_own_head_though_another_one_bears_its_name() {
        snapshotted(journal, FIRST, AT);
        Run other = journal.plan(SECOND, OTHER_VM, "db01", AT);
        journal.advance(other, RunState.SNAPSHOTTED, AT);
        assertThat(journal.head(VM)).contains(FIRST);
        assertThat(journal.head(OTHER_VM)).contains(SECOND);
        assertThat(parents().values()).containsOnly(Optional.empty());
    }

    @Test
    void nothing_but_a_snapshot_moves_the_head() {
        Run run = journal.plan(FIRST, VM, "db01", AT);
        journal.end(run, RunState.ABANDONED, AT, REFUSED, List.of());
        assertThat(journal.head(VM)).isEmpty();
    }

    @Test
    void a_snapshot_that_was_rolled_back_leaves_the_head_to_its_parent() {
        snapshotted(journal, FIRST, AT);
        Run second = snapshotted(journal, SECOND, AT.plusSeconds(1));
        journal.end(second, RunState.FAILED, AT, REFUSED, List.of());
        reopen();
        assertThat(journal.head(VM)).contains(FIRST);
        snapshotted(journal, THIRD, AT.plusSeconds(2));
        assertThat(parents()).isEqualTo(Map.of(FIRST, Optional.empty(), THIRD, Optional.of(FIRST)));
    }

    @Test
    void the_first_snapshot_that_was_rolled_back_leaves_no_head() {
        Run first = snapshotted(journal, FIRST, AT);
        journal.end(first, RunState.FAILED, AT, REFUSED, List.of());
        assertThat(journal.head(VM)).isEmpty();
        snapshotted(journal, SECOND, AT.plusSeconds(1));
        assertThat(parents()).isEqualTo(Map.of(SECOND, Optional.empty()));
    }

    @Test
    void a_snapshot_that_was_rolled_back_late_leaves_its_child_to_its_parent_and_the_head_where_it_is() {
        snapshotted(journal, FIRST, AT);
        Run second = snapshotted(journal, SECOND, AT.plusSeconds(1));
        snapshotted(journal, THIRD, AT.plusSeconds(2));
        journal.end(second, RunState.FAILED, AT, REFUSED, List.of());
        assertThat(journal.head(VM)).contains(THIRD);
        assertThat(parents()).isEqualTo(Map.of(FIRST, Optional.empty(), THIRD, Optional.of(FIRST)));
    }

    @Test
    void a_failed_run_that_took_no_snapshot_leaves_the_head_where_it_is() {
        snapshotted(journal, FIRST, AT);
        Run second = journal.plan(SECOND, VM, "db01", AT);
        journal.end(second, RunState.FAILED, AT, REFUSED, List.of());
        assertThat(journal.head(VM)).contains(FIRST);
    }

    @Test
    void a_snapshot_is_open_from_the_first_time_on_until_it_is_closed() {
        snapshotted(journal, FIRST, AT);
        snapshotted(journal, SECOND, AT);
        assertThat(snapshot(FIRST).openedAt()).isEmpty();
        journal.opened(FIRST, AT.plusNanos(1999));
        journal.opened(FIRST, AT.plusSeconds(9));
        reopen();
        assertThat(snapshot(FIRST).openedAt()).contains(AT.plusNanos(1000));
        assertThat(snapshot(SECOND).openedAt()).isEmpty();
        journal.closed(FIRST);
        journal.closed(FIRST);
        reopen();
        assertThat(snapshot(FIRST).openedAt()).isEmpty();
    }

    @Test
    void what_is_not_there_or_not_whole_is_not_opened() {
        assertStale(() -> journal.opened(FIRST, AT));
        snapshotted(journal, FIRST, AT);
        snapshotted(journal, SECOND, AT);
        journal.lost(FIRST);
        assertStale(() -> journal.opened(FIRST, AT));
        journal.begin(job(JOB, JobKind.REMOVE, SECOND));
        assertStale(() -> journal.opened(SECOND, AT));
        assertThat(journal.snapshots(Optional.empty()))
                .extracting(Snapshot::openedAt)
                .containsOnly(Optional.empty());
    }

    @Test
    void a_view_is_closed_whatever_has_become_of_its_snapshot() {
        snapshotted(journal, FIRST, AT);
        journal.opened(FIRST, AT);
        journal.lost(FIRST);
        assertThat(snapshot(FIRST).openedAt()).contains(AT);
        journal.closed(FIRST);
        assertThat(snapshot(FIRST).openedAt()).isEmpty();
        journal.closed(SECOND);
    }

    @Test
    void a_lost_snapshot_keeps_its_record_and_its_place() {
        snapshotted(journal, FIRST, AT);
        snapshotted(journal, SECOND, AT);
        journal.lost(FIRST);
        journal.lost(FIRST);
        journal.lost(THIRD);
        reopen();
        assertThat(snapshot(FIRST).state()).isEqualTo(SnapshotState.LOST);
        assertThat(snapshot(SECOND).state()).isEqualTo(SnapshotState.PRESENT);
        assertThat(snapshot(SECOND).parent()).contains(FIRST);
    }

    private Snapshot snapshot(RunId run) {
        return journal.snapshots(Optional.empty()).stream()
                .filter(of -> of.run().equals(run))
                .findFirst()
                .orElseThrow();
    }

    private Map<RunId, Optional<RunId>> parents() {
        Map<RunId, Optional<RunId>> parents = new HashMap<>();
        journal.snapshots(Optional.empty()).forEach(of -> parents.put(of.run(), of.parent()));
        return parents;
    }

    private static void assertStale(ThrowingCallable call) {
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(Kind.STALE));
    }
}
