package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the daemon cannot put right when it starts, or while it works, it sees to until it is. */
@Timeout(120)
class DaemonRoundsTest extends OneMachine {
    @Test
    void a_guest_for_which_no_further_attempt_was_made_is_tried_again_until_it_is_released() {
        leaseLeft();
        site.guard.refusing("no process can be started");
        db01.withoutSysrq().frozenByAnother().faults().on("thaw", Faults.Kind.REFUSED, 100_000);
        AtomicInteger tries = new AtomicInteger();
        site.beforeHold = () -> {
            if (tries.incrementAndGet() == 12) {
                db01.faults().clear("thaw");
            }
        };
        site.interrupted = () -> site.stderr().contains("was released");
        assertThat(site.run("daemon")).as("nothing is left of it").isZero();
        assertThat(db01.isFrozen()).isFalse();
        assertThat(site.leases().open()).as("it is done with").isEmpty();
        assertThat(site.err())
                .containsOnlyOnce("no further attempt is made: no process can be started")
                .contains("recovered: vm 'db01': the guest was released");
    }

    @Test
    void a_run_whose_guest_could_not_be_thawed_is_ended_when_it_can_be() {
        Run overdue = overdue();
        db01.withoutSysrq().faults().on("thaw", Faults.Kind.REFUSED, 100_000);
        AtomicInteger tries = new AtomicInteger();
        site.beforeHold = () -> {
            if (tries.incrementAndGet() == 9) {
                db01.faults().clear("thaw");
            }
        };
        site.interrupted = () -> site.stderr().contains("recovered: ");
        assertThat(site.run("daemon")).as("nothing is left of it").isZero();
        assertThat(db01.isFrozen()).isFalse();
        List<Run> runs = site.read(journal -> journal.runs(Optional.empty()));
        assertThat(runs)
                .filteredOn(run -> run.id().equals(overdue.id()))
                .extracting(Run::state)
                .containsExactly(RunState.FAILED);
        assertThat(site.err()).containsOnlyOnce("warning: vm 'db01': THAW_OVERDUE");
    }

    @Test
    void a_guest_that_nobody_claims_stays_frozen_whatever_else_is_seen_to() {
        FakeGuest other =
                site.guest("web01").with("vda", Path.of("/images/web01.qcow2")).frozenByAnother();
        leaseLeft();
        db01.withoutSysrq().frozenByAnother().faults().on("thaw", Faults.Kind.REFUSED, 100_000);
        AtomicInteger tries = new AtomicInteger();
        site.beforeHold = () -> {
            if (tries.incrementAndGet() == 9) {
                db01.faults().clear("thaw");
            }
        };
        site.interrupted = () -> site.stderr().contains("was released");
        assertThat(site.run("daemon")).as("nothing is left of it").isZero();
        assertThat(site.err()).containsOnlyOnce("vm 'web01': frozen, and no run of this state directory claims it");
        assertThat(other.isFrozen()).isTrue();
        other.thawBehindTheAgent();
    }

    @Test
    void where_nothing_is_left_to_put_right_nobody_takes_a_turn() {
        AtomicInteger turns = new AtomicInteger();
        site.beforeHold = turns::incrementAndGet;
        site.interrupted = () -> site.timing.nanos() > Duration.ofHours(1).toNanos();
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(turns).as("that of the start").hasValue(1);
    }

    @Test
    void a_look_that_fails_is_told_once_and_taken_again() {
        leaseLeft();
        site.guard.refusing("no process can be started");
        db01.withoutSysrq().frozenByAnother().faults().on("thaw", Faults.Kind.REFUSED, 100_000);
        AtomicInteger tries = new AtomicInteger();
        site.beforeHold = () -> {
            if (tries.incrementAndGet() > 9) {
                db01.faults().clear("thaw");
            } else if (tries.get() > 4) {
                throw FakeSite.heldByAnother();
            }
        };
        site.interrupted = () -> site.stderr().contains("was released");
        assertThat(site.run("daemon")).as("nothing is left of it").isZero();
        assertThat(site.err())
                .containsOnlyOnce(
                        "what is not put right could not be seen to: nothing was touched: 'stillframe snapshot'")
                .contains("recovered: vm 'db01': the guest was released");
    }

    private Run overdue() {
        db01.withoutSysrq().faults().before("freeze", () -> db01.faults().on("thaw", Faults.Kind.REFUSED, 10_000));
        site.run("snapshot", "db01");
        List<Run> unfinished = site.read(Journal::unfinished);
        return unfinished.get(0);
    }
}
