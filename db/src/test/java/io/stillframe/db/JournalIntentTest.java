package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.BEFOREHAND;
import static io.stillframe.db.Sample.EVIDENCE;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.PROVED;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.VOLUME;
import static io.stillframe.db.Sample.intent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.stillframe.db.JournalException.Kind;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalIntentTest extends OpenedJournal {
    @Test
    void what_a_run_was_asked_for_is_read_as_it_was_said_though_it_has_ended_since() {
        plan(FIRST);
        journal.intend(FIRST, intent(VOLUME));
        assertThat(journal.intent(FIRST)).contains(intent(VOLUME));
        journal.end(snapshotted(), RunState.COMPLETED, AT, PROVED, List.of(EVIDENCE));
        assertThat(journal.intent(FIRST)).contains(intent(VOLUME));
        assertThat(journal.intent(SECOND)).isEmpty();
    }

    @Test
    void a_run_that_has_not_said_what_it_will_do_has_no_intent() {
        plan(FIRST);
        assertThat(journal.intent(FIRST)).isEmpty();
    }

    @Test
    void an_intent_to_freeze_nothing_is_not_one_to_freeze_no_filesystem() {
        Intent nothing = new Intent(
                Consistency.CRASH, OptionalInt.empty(), Duration.ofNanos(1999), List.of(), List.of(VOLUME), List.of());
        Intent none = new Intent(Consistency.CRASH, OptionalInt.of(0), Duration.ZERO, List.of(), List.of(), List.of());
        plan(FIRST);
        plan(SECOND);
        journal.intend(FIRST, nothing);
        journal.intend(SECOND, none);
        assertThat(journal.intent(FIRST)).contains(nothing);
        assertThat(journal.intent(SECOND)).contains(none);
    }

    @Test
    void a_snapshot_is_known_as_its_policy_s_from_the_beginning() {
        Intent byPolicy = new Intent(
                Optional.of("nightly"),
                Consistency.CRASH,
                OptionalInt.empty(),
                Duration.ZERO,
                List.of(),
                List.of(VOLUME),
                List.of());
        plan(FIRST);
        journal.intend(FIRST, byPolicy);
        assertThat(journal.intent(FIRST)).contains(byPolicy);
        snapshotted();
        assertThat(journal.snapshots(Optional.empty()))
                .extracting(Snapshot::policy)
                .containsExactly(Optional.of("nightly"));
    }

    @Test
    void an_intent_is_said_once_and_of_a_run_that_is_there() {
        assertStale(() -> journal.intend(FIRST, intent(VOLUME)));
        plan(FIRST);
        journal.intend(FIRST, intent(VOLUME));
        assertStale(() -> journal.intend(FIRST, intent()));
        assertThat(journal.intent(FIRST)).contains(intent(VOLUME));
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, -1"})
    void an_intent_counts_and_holds_from_zero(int filesystems, long micros) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Intent(
                        Consistency.CRASH,
                        OptionalInt.of(filesystems),
                        Duration.of(micros, ChronoUnit.MICROS),
                        List.of(),
                        List.of(),
                        List.of()));
    }

    @Test
    void what_was_known_beforehand_is_the_evidence_until_the_release_says_more() {
        Run run = plan(FIRST);
        journal.intend(FIRST, intent());
        assertThat(journal.evidence(FIRST)).containsExactly(BEFOREHAND);
        journal.released(run, AT, PROVED, List.of(EVIDENCE));
        assertThat(journal.evidence(FIRST)).containsExactly(EVIDENCE);
    }

    private Run plan(RunId id) {
        return journal.plan(id, VM, "db01", AT);
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
