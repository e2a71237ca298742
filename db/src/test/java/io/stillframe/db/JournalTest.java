package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.stillframe.db.JournalException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {
    private static final Instant AT = Instant.parse("2026-03-01T12:00:00.123456Z");
    private static final UUID VM = UUID.fromString("6f1c2b1e-8f0a-4a55-9d0e-0242ac120002");
    private static final RunId FIRST = new RunId("000000000001");
    private static final RunId SECOND = new RunId("000000000002");
    private static final RunVolume VOLUME =
            new RunVolume("vda", "qcow2", "/images/db01.qcow2", "qcow2", "/images/db01.sf-000000000001.qcow2");
    private static final Evidence EVIDENCE = new Evidence("ext4 needs_recovery", true, "clear on /dev/vda1");
    private static final RunResult PROVED = new RunResult(
            Optional.of(Consistency.FILESYSTEM), Optional.of(new Freeze(2, Duration.ofMillis(87))), Optional.empty());
    private static final RunResult REFUSED = new RunResult(
            Optional.empty(), Optional.empty(), Optional.of(new RunError("FREEZE_REFUSED", "the guest refused", "")));

    @TempDir
    private Path directory;

    private Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void a_planned_run_is_read_as_it_was_written() {
        Run run = plan(FIRST);
        assertThat(rows(JournalQueries::unfinished)).containsExactly(run);
        assertThat(run.version()).isZero();
        assertThat(run.state()).isEqualTo(RunState.PLANNED);
    }

    @Test
    void volumes_keep_their_order_and_their_text() {
        RunVolume other = new RunVolume("vdb", "d".repeat(1000), "vg/sf-'\"\\;--", "f".repeat(1000), "vg/data");
        plan(FIRST);
        journal.intend(FIRST, List.of(other, VOLUME));
        assertThat(rows(queries -> queries.volumes(FIRST))).containsExactly(other, VOLUME);
    }

    @Test
    void every_transition_is_kept_in_order() {
        Run run = journal.advance(plan(FIRST), RunState.PREPARED, AT.plusMillis(1));
        journal.advance(run, RunState.FREEZING, AT.plusMillis(2));
        assertThat(rows(queries -> queries.transitions(FIRST)))
                .containsExactly(
                        new Transition(RunState.PLANNED, AT),
                        new Transition(RunState.PREPARED, AT.plusMillis(1)),
                        new Transition(RunState.FREEZING, AT.plusMillis(2)));
    }

    @Test
    void a_run_that_somebody_else_has_moved_is_not_moved_again() {
        Run stale = plan(FIRST);
        Run moved = journal.advance(stale, RunState.PREPARED, AT);
        assertStale(() -> journal.advance(stale, RunState.ABANDONED, AT));
        assertThat(rows(JournalQueries::unfinished)).containsExactly(moved);
        assertThat(rows(queries -> queries.transitions(FIRST))).hasSize(2);
    }

    @Test
    void an_end_that_came_too_late_changes_nothing() {
        Run stale = plan(FIRST);
        Run moved = journal.advance(stale, RunState.SNAPSHOTTED, AT);
        assertStale(() -> journal.end(stale, RunState.FAILED, AT, REFUSED, List.of(EVIDENCE)));
        assertThat(rows(JournalQueries::unfinished)).containsExactly(moved);
        assertThat(snapshots()).hasSize(1);
        assertThat(rows(queries -> queries.evidence(FIRST))).isEmpty();
    }

    @Test
    void a_snapshot_claims_nothing_before_it_is_proved() {
        plan(FIRST);
        journal.intend(FIRST, List.of(VOLUME));
        assertThat(snapshots()).isEmpty();
        snapshotted();
        assertThat(snapshots())
                .containsExactly(
                        new Snapshot("sf-000000000001", FIRST, VM, "db01", AT, Consistency.CRASH, List.of(VOLUME)));
    }

    @Test
    void a_completed_run_raises_its_snapshot_to_what_was_proved() {
        plan(FIRST);
        Run ended = journal.end(snapshotted(), RunState.COMPLETED, AT, PROVED, List.of(EVIDENCE));
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.FILESYSTEM);
        assertThat(rows(queries -> queries.evidence(FIRST))).containsExactly(EVIDENCE);
        assertThat(rows(JournalQueries::unfinished)).isEmpty();
        assertThat(rows(queries -> queries.runs(Optional.empty()))).containsExactly(ended);
    }

    @Test
    void a_failed_run_leaves_its_error_and_no_snapshot() {
        plan(FIRST);
        Run ended = journal.end(snapshotted(), RunState.FAILED, AT, REFUSED, List.of());
        assertThat(snapshots()).isEmpty();
        assertThat(rows(queries -> queries.runs(Optional.empty()))).containsExactly(ended);
    }

    @Test
    void a_quarantined_run_keeps_its_snapshot_as_the_weakest_class() {
        plan(FIRST);
        journal.end(snapshotted(), RunState.QUARANTINED, AT, REFUSED, List.of(EVIDENCE));
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.CRASH);
        assertThat(rows(queries -> queries.evidence(FIRST))).containsExactly(EVIDENCE);
        assertThat(rows(JournalQueries::unfinished)).hasSize(1);
    }

    @Test
    void a_snapshot_claims_what_its_last_evidence_proves_and_nothing_from_before() {
        plan(FIRST);
        Run quarantined = journal.end(snapshotted(), RunState.QUARANTINED, AT, PROVED, List.of(EVIDENCE));
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.FILESYSTEM);
        journal.end(quarantined, RunState.COMPLETED, AT, RunResult.NONE, List.of());
        assertThat(snapshots()).extracting(Snapshot::consistency).containsExactly(Consistency.CRASH);
        assertThat(rows(queries -> queries.evidence(FIRST))).isEmpty();
    }

    @Test
    void what_a_change_returns_is_what_is_read_though_the_clock_counts_nanoseconds() {
        Instant at = AT.plusNanos(999);
        Run planned = journal.plan(FIRST, VM, "db01", at);
        assertThat(rows(JournalQueries::unfinished)).containsExactly(planned);
        Run moved = journal.advance(planned, RunState.SNAPSHOTTED, at);
        assertThat(rows(queries -> queries.transitions(FIRST)))
                .containsExactly(new Transition(RunState.PLANNED, AT), new Transition(RunState.SNAPSHOTTED, AT));
        assertThat(snapshots()).extracting(Snapshot::takenAt).containsExactly(AT);
        RunResult result = new RunResult(
                Optional.of(Consistency.CRASH), Optional.of(new Freeze(1, Duration.ofNanos(1999))), Optional.empty());
        Run ended = journal.end(moved, RunState.COMPLETED, at, result, List.of());
        assertThat(rows(queries -> queries.runs(Optional.empty()))).containsExactly(ended);
    }

    @Test
    void runs_are_found_by_machine_newest_first_and_by_the_beginning_of_their_id() {
        Run first = plan(FIRST);
        Run second = journal.plan(SECOND, VM, "db01", AT.plusSeconds(1));
        assertThat(rows(queries -> queries.runs(Optional.of("db01")))).containsExactly(second, first);
        assertThat(rows(queries -> queries.runs(Optional.of(VM.toString())))).containsExactly(second, first);
        assertThat(rows(queries -> queries.runs(Optional.of("db02")))).isEmpty();
        assertThat(rows(queries -> queries.runsLike("00"))).containsExactly(first, second);
        assertThat(rows(queries -> queries.runsLike(SECOND.value()))).containsExactly(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "_", "0%", "00000000000_", "\\0", "000000000001 ", "' OR '' = '"})
    void the_beginning_of_an_id_is_taken_literally(String prefix) {
        plan(FIRST);
        assertThat(rows(queries -> queries.runsLike(prefix))).isEmpty();
    }

    @Test
    void an_interrupt_neither_ends_a_call_nor_closes_the_journal() {
        Run run = plan(FIRST);
        Thread.currentThread().interrupt();
        Run moved = journal.advance(run, RunState.PREPARED, AT);
        journal.force();
        assertThat(Thread.interrupted()).isTrue();
        Run released = journal.advance(moved, RunState.RELEASED, AT);
        assertThat(rows(JournalQueries::unfinished)).containsExactly(released);
    }

    @Test
    void a_change_that_fails_halfway_leaves_nothing_for_the_next_one_to_commit() {
        Run run = plan(FIRST);
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(() -> journal.intend(FIRST, List.of(VOLUME, VOLUME)));
        assertThatNullPointerException().isThrownBy(() -> journal.intend(FIRST, Arrays.asList(VOLUME, null)));
        journal.advance(run, RunState.PREPARED, AT);
        assertThat(rows(queries -> queries.volumes(FIRST))).isEmpty();
    }

    @Test
    void forcing_waits_for_the_disk_alone() {
        plan(FIRST);
        // within a read no other call of the journal gets on
        assertThatNoException()
                .isThrownBy(() -> journal.read(queries -> CompletableFuture.runAsync(journal::force)
                        .orTimeout(1, TimeUnit.MINUTES)
                        .join()));
    }

    @Test
    void what_was_forced_is_in_the_file_itself(@TempDir Path elsewhere) throws Exception {
        Run run = plan(FIRST);
        journal.force();
        Files.copy(directory.resolve("journal.mv.db"), elsewhere.resolve("journal.mv.db"));
        try (Journal copy = Journal.open(elsewhere)) {
            assertThat(copy.read(JournalQueries::unfinished)).containsExactly(run);
        }
    }

    private Run plan(RunId id) {
        return journal.plan(id, VM, "db01", AT);
    }

    private <T> List<T> rows(Journal.Query<List<T>> query) {
        return journal.read(query);
    }

    private List<Snapshot> snapshots() {
        return journal.read(queries -> queries.snapshots(Optional.empty()));
    }

    private Run snapshotted() {
        Run run = journal.read(JournalQueries::unfinished).get(0);
        return journal.advance(run, RunState.SNAPSHOTTED, AT);
    }

    private static void assertStale(ThrowingCallable call) {
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(Kind.STALE));
    }
}
