package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.db.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A history that is pruned by hand, and by a daemon. */
@Timeout(120)
class PruneCommandTest extends OneMachine {
    private static final UUID GONE_VM = new UUID(0, 9);

    @Test
    void what_ended_longer_ago_than_the_history_is_gone_and_what_exists_stays() {
        old(PruneHistory.AT_ONCE + 1);
        String snapshot = site.snapshot("db01");
        assertThat(site.run("prune", "--dry-run")).isZero();
        assertThat(site.out())
                .startsWith("21 runs and 0 pieces of work on snapshots would go that ended more than 30d ago");
        assertThat(runs()).hasSize(22);
        assertThat(site.run("prune", "--json")).isZero();
        assertThat(FakeSite.names(site.json())).containsExactly("history", "before", "runs", "jobs", "dryRun");
        assertThat(site.json().get("runs").asInt()).isEqualTo(21);
        assertThat(runs()).extracting(run -> run.id().label()).containsExactly(snapshot);
        assertThat(site.run("prune")).isZero();
        assertThat(site.out()).startsWith("0 runs and 0 pieces of work on snapshots");
    }

    @Test
    void the_history_is_as_long_as_the_configuration_says() {
        old(1);
        site.history(Duration.ofDays(60));
        assertThat(site.run("prune")).isZero();
        assertThat(site.out()).contains("more than 60d ago");
        assertThat(runs()).hasSize(1);
    }

    @Test
    void what_is_asked_for_and_not_there_may_have_been_forgotten() {
        assertThat(site.run("show", "000000000001")).isEqualTo(3);
        assertThat(site.err())
                .contains("no run, snapshot or job '000000000001'", "ended more than 30d ago may be forgotten");
        assertThat(site.run("runs", "db01")).isZero();
        assertThat(site.out())
                .isEqualTo("no runs of vm 'db01'; what ended more than 30d ago may be forgotten (history)\n");
    }

    @Test
    void while_a_run_may_hold_its_guest_nothing_goes_and_it_is_said() {
        old(1);
        site.read(journal -> journal.advance(
                journal.plan(new RunId("00000000000h"), GONE_VM, "gone", site.clock.instant()),
                RunState.FROZEN,
                site.clock.instant()));
        assertThat(site.run("prune")).isEqualTo(3);
        assertThat(site.err()).contains("0 runs and 0 pieces of work", "a run may hold its guest");
        assertThat(runs()).hasSize(2);
    }

    @Test
    void an_interruption_leaves_the_rest_for_the_next_time() {
        old(PruneHistory.AT_ONCE + 1);
        AtomicInteger asked = new AtomicInteger();
        site.interrupted = () -> asked.incrementAndGet() > 1;
        assertThat(site.run("prune")).isEqualTo(130);
        assertThat(site.err()).contains("20 runs and 0 pieces of work on snapshots are gone, the rest stays for now");
        assertThat(runs()).hasSize(1);
        site.interrupted = () -> false;
        assertThat(site.run("prune")).isZero();
        assertThat(runs()).isEmpty();
    }

    @Test
    void a_daemon_prunes_by_itself_and_takes_no_turn_for_it() {
        old(2);
        AtomicInteger turns = new AtomicInteger();
        site.beforeHold = turns::incrementAndGet;
        site.interrupted = () -> site.stderr().contains("history: ");
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.err()).containsOnlyOnce("history: 2 runs and 0 pieces of work on snapshots are gone\n");
        assertThat(turns).as("that of the start").hasValue(1);
        assertThat(runs()).isEmpty();
    }

    /** Of a machine that is no more. */
    private void old(int count) {
        Instant at = site.clock.instant().minus(Duration.ofDays(31));
        site.read(journal -> {
            for (int i = 0; i < count; i++) {
                Run run = journal.plan(new RunId("%012d".formatted(i)), GONE_VM, "gone", at.plusMillis(i));
                journal.end(run, RunState.ABANDONED, at.plusMillis(i), RunResult.NONE, List.of());
            }
            return count;
        });
    }

    private List<Run> runs() {
        return site.read((Journal journal) -> journal.runs(Optional.empty()));
    }
}
