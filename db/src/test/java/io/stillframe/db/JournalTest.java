package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.EVIDENCE;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.VOLUME;
import static io.stillframe.db.Sample.intent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.stillframe.db.JournalException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest extends OpenedJournal {
    @Test
    void a_planned_run_is_read_as_it_was_written() {
        Run run = plan(FIRST);
        assertThat(journal.unfinished()).containsExactly(run);
        assertThat(run.version()).isZero();
        assertThat(run.state()).isEqualTo(RunState.PLANNED);
    }

    @Test
    void volumes_keep_their_order_and_their_text() {
        RunVolume other = new RunVolume("vdb", "d".repeat(1000), "vg/sf-'\"\\;--", "f".repeat(1000), "vg/data", "SYNC");
        plan(FIRST);
        journal.intend(FIRST, intent(other, VOLUME));
        assertThat(journal.volumes(FIRST)).containsExactly(other, VOLUME);
    }

    @Test
    void the_count_that_the_freeze_answered_stays_with_the_run() {
        Run frozen = journal.froze(plan(FIRST), 3, AT);
        assertThat(frozen.state()).isEqualTo(RunState.FROZEN);
        assertThat(frozen.frozen()).hasValue(3);
        assertThat(journal.unfinished()).containsExactly(frozen);
        Run later = journal.advance(frozen, RunState.QUIESCED, AT);
        assertThat(later.frozen()).hasValue(3);
        Run ended = journal.end(later, RunState.FAILED, AT, REFUSED, List.of());
        assertThat(journal.runs(Optional.empty())).containsExactly(ended);
        assertThat(ended.frozen()).hasValue(3);
        assertThat(journal.transitions(FIRST))
                .extracting(Transition::state)
                .containsExactly(RunState.PLANNED, RunState.FROZEN, RunState.QUIESCED, RunState.FAILED);
    }

    @Test
    void a_freeze_of_nothing_is_an_answer_too() {
        assertThat(journal.froze(plan(FIRST), 0, AT).frozen()).hasValue(0);
        assertThat(journal.unfinished()).extracting(Run::frozen).containsExactly(OptionalInt.of(0));
    }

    @Test
    void every_transition_is_kept_in_order() {
        Run run = journal.advance(plan(FIRST), RunState.PREPARED, AT.plusMillis(1));
        journal.advance(run, RunState.FREEZING, AT.plusMillis(2));
        assertThat(journal.transitions(FIRST))
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
        assertThat(journal.unfinished()).containsExactly(moved);
        assertThat(journal.transitions(FIRST)).hasSize(2);
    }

    @Test
    void what_a_change_returns_is_what_is_read_though_the_clock_counts_nanoseconds() {
        Instant at = AT.plusNanos(999);
        Run planned = journal.plan(FIRST, VM, "db01", at);
        assertThat(journal.unfinished()).containsExactly(planned);
        Run moved = journal.advance(planned, RunState.SNAPSHOTTED, at);
        assertThat(journal.transitions(FIRST))
                .containsExactly(new Transition(RunState.PLANNED, AT), new Transition(RunState.SNAPSHOTTED, AT));
        assertThat(snapshots()).extracting(Snapshot::takenAt).containsExactly(AT);
        RunResult result = new RunResult(
                Optional.of(Consistency.CRASH), Optional.of(new Freeze(1, Duration.ofNanos(1999))), Optional.empty());
        Run ended = journal.end(moved, RunState.COMPLETED, at, result, List.of());
        assertThat(journal.runs(Optional.empty())).containsExactly(ended);
    }

    @Test
    void runs_are_found_by_machine_newest_first_and_by_the_beginning_of_their_id() {
        Run first = plan(FIRST);
        Run second = journal.plan(SECOND, VM, "db01", AT.plusSeconds(1));
        assertThat(journal.runs(Optional.of("db01"))).containsExactly(second, first);
        assertThat(journal.runs(Optional.of(VM.toString()))).containsExactly(second, first);
        assertThat(journal.runs(Optional.of("db02"))).isEmpty();
        assertThat(journal.runsLike("00")).containsExactly(first, second);
        assertThat(journal.runsLike(SECOND.value())).containsExactly(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "_", "0%", "00000000000_", "\\0", "000000000001 ", "' OR '' = '"})
    void the_beginning_of_an_id_is_taken_literally(String prefix) {
        plan(FIRST);
        assertThat(journal.runsLike(prefix)).isEmpty();
    }

    @Test
    void an_interrupt_neither_ends_a_call_nor_closes_the_journal() {
        Run run = plan(FIRST);
        Thread.currentThread().interrupt();
        Run moved = journal.advance(run, RunState.PREPARED, AT);
        journal.force();
        assertThat(Thread.interrupted()).isTrue();
        Run released = journal.advance(moved, RunState.RELEASED, AT);
        assertThat(journal.unfinished()).containsExactly(released);
    }

    @Test
    void a_change_that_fails_halfway_leaves_nothing_for_the_next_one_to_commit() {
        Run run = plan(FIRST);
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(() -> journal.intend(FIRST, intent(VOLUME, VOLUME)));
        assertThatNullPointerException()
                .isThrownBy(() -> journal.end(run, RunState.FAILED, AT, REFUSED, Arrays.asList(EVIDENCE, null)));
        assertThatExceptionOfType(StackOverflowError.class)
                .isThrownBy(() -> journal.end(run, RunState.FAILED, AT, REFUSED, endless()));
        journal.advance(run, RunState.PREPARED, AT);
        assertThat(journal.intent(FIRST)).isEmpty();
        assertThat(journal.volumes(FIRST)).isEmpty();
        assertThat(journal.evidence(FIRST)).isEmpty();
        assertThat(journal.transitions(FIRST)).hasSize(2);
    }

    @Test
    void forcing_waits_for_the_disk_alone() {
        plan(FIRST);
        Journal open = journal;
        // while this is held no other call of the journal gets on
        synchronized (open) {
            assertThatNoException()
                    .isThrownBy(() -> CompletableFuture.runAsync(open::force)
                            .orTimeout(1, TimeUnit.MINUTES)
                            .join());
        }
    }

    @Test
    void what_was_forced_is_in_the_file_itself(@TempDir Path elsewhere) throws Exception {
        Run run = plan(FIRST);
        journal.force();
        Files.copy(directory.resolve("journal.mv.db"), elsewhere.resolve("journal.mv.db"));
        try (Journal copy = Journal.open(elsewhere)) {
            assertThat(copy.unfinished()).containsExactly(run);
        }
    }

    /** Evidence of which there is one, and then an end of the process's means. */
    private static List<Evidence> endless() {
        return new AbstractList<>() {
            @Override
            public Evidence get(int index) {
                if (index > 0) {
                    throw new StackOverflowError();
                }
                return EVIDENCE;
            }

            @Override
            public int size() {
                return 2;
            }
        };
    }

    private Run plan(RunId id) {
        return journal.plan(id, VM, "db01", AT);
    }

    private List<Snapshot> snapshots() {
        return journal.snapshots(Optional.empty());
    }

    private static void assertStale(ThrowingCallable call) {
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(Kind.STALE));
    }
}
