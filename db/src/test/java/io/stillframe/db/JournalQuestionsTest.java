package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.VM;
import static io.stillframe.db.Sample.VOLUME;
import static io.stillframe.db.Sample.intent;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever looks at the journal, and for however long, delays nobody who writes to it. */
@Timeout(60)
class JournalQuestionsTest extends OpenedJournal {
    private static volatile CountDownLatch reached = new CountDownLatch(0);
    private static volatile CountDownLatch passes = new CountDownLatch(0);

    @BeforeEach
    void freeWay() {
        reached = new CountDownLatch(0);
        passes = new CountDownLatch(0);
    }

    /** Asked by the database for every row of a volume that it reads. */
    public static final class Way {
        private Way() {}

        public static boolean isFree() throws InterruptedException {
            reached.countDown();
            passes.await();
            return true;
        }
    }

    @Test
    void while_a_list_is_being_made_a_run_goes_on_and_is_asked_about() throws Exception {
        Run run = plan(FIRST);
        journal.intend(FIRST, intent(VOLUME));
        journal.advance(run, RunState.SNAPSHOTTED, AT);
        Run other = plan(SECOND);
        stopAtVolumes();
        CompletableFuture<List<Snapshot>> list =
                CompletableFuture.supplyAsync(() -> journal.snapshots(Optional.empty()));
        isReached(list);
        Run frozen = journal.froze(journal.advance(other, RunState.FREEZING, AT), 1, AT);
        assertThat(journal.runsLike(SECOND.value())).containsExactly(frozen);
        assertThat(journal.transitions(SECOND)).hasSize(3);
        assertThat(list).isNotDone();
        passes.countDown();
        assertThat(list.get()).extracting(Snapshot::run).containsExactly(FIRST);
    }

    @Test
    void while_a_question_is_being_answered_a_run_goes_on() throws Exception {
        plan(FIRST);
        journal.intend(FIRST, intent(VOLUME));
        Run other = plan(SECOND);
        stopAtVolumes();
        CompletableFuture<List<RunVolume>> answer = CompletableFuture.supplyAsync(() -> journal.volumes(FIRST));
        isReached(answer);
        Run frozen = journal.froze(journal.advance(other, RunState.FREEZING, AT), 1, AT);
        assertThat(answer).isNotDone();
        passes.countDown();
        assertThat(answer.get()).containsExactly(VOLUME);
        assertThat(journal.unfinished()).contains(frozen);
    }

    @Test
    void what_goes_on_when_the_journal_is_closed_comes_to_its_end() throws Exception {
        plan(FIRST);
        journal.intend(FIRST, intent(VOLUME));
        stopAtVolumes();
        CompletableFuture<List<RunVolume>> answer = CompletableFuture.supplyAsync(() -> journal.volumes(FIRST));
        isReached(answer);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(journal::close);
        passes.countDown();
        closed.get();
        assertThat(answer.get()).containsExactly(VOLUME);
    }

    @Test
    void a_question_on_an_interrupted_thread_closes_nothing() {
        Run run = plan(FIRST);
        Thread.currentThread().interrupt();
        assertThat(journal.runs(Optional.empty())).containsExactly(run);
        assertThat(journal.unfinished()).containsExactly(run);
        assertThat(Thread.interrupted()).isTrue();
        Run moved = journal.advance(run, RunState.PREPARED, AT);
        assertThat(journal.unfinished()).containsExactly(moved);
    }

    /** Or it broke before. */
    private static void isReached(CompletableFuture<?> question) throws Exception {
        CompletableFuture.anyOf(question, CompletableFuture.runAsync(JournalQuestionsTest::awaitReached))
                .get();
    }

    private static void awaitReached() {
        try {
            reached.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Run plan(RunId id) {
        return journal.plan(id, VM, "db01", AT);
    }

    /** From now on whoever reads a volume stops in the middle. */
    private void stopAtVolumes() throws Exception {
        try (Connection connection = Database.open(new LocalDisk(), directory.resolve("journal.mv.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ALIAS is_free FOR '%s.isFree'".formatted(Way.class.getName()));
            statement.execute("ALTER TABLE volume RENAME TO volumes");
            statement.execute("CREATE VIEW volume AS SELECT * FROM volumes WHERE is_free()");
        }
        reached = new CountDownLatch(1);
        passes = new CountDownLatch(1);
    }
}
