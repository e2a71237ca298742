package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Glob;
import io.stillframe.config.Policy;
import io.stillframe.config.Select;
import io.stillframe.config.Settings;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a site whose clock stands in the past: each run is due as soon as the one before it has ended. */
@Timeout(120)
class DaemonCommandTest extends OneMachine {
    private static final Policy HOURLY = policy("schedule: \"@hourly\"");

    @Test
    void policies_are_run_when_they_are_due_until_the_daemon_is_told_to_end() {
        site.policies(HOURLY);
        site.interrupted = () -> snapshotsTaken() > 3;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.out()).as("stdout belongs to results").isEmpty();
        assertThat(site.err())
                .contains(
                        "policies: p\n",
                        "policy p, due 2026-03-01T13:00:00Z: vm 'db01': run ",
                        "policy p, due 2026-03-01T14:00:00Z: vm 'db01': run ",
                        "COMPLETED, consistency filesystem");
        List<Snapshot> snapshots = site.snapshots();
        assertThat(snapshots)
                .hasSizeGreaterThanOrEqualTo(3)
                .extracting(Snapshot::policy)
                .containsOnly(Optional.of("p"));
        assertThat(db01.isFrozen()).isFalse();
        List<Run> unfinished = site.read(Journal::unfinished);
        assertThat(unfinished).isEmpty();
    }

    @Test
    void what_a_crash_left_is_put_right_before_anything_is_scheduled() {
        Run left = site.read(
                journal -> journal.plan(new RunId("000000000001"), db01.id().uuid(), "db01", site.clock.instant()));
        site.policies(HOURLY);
        site.interrupted = () -> snapshotsTaken() > 0;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.err().indexOf("recovered: ")).isBetween(0, site.err().indexOf("policies: p"));
        assertThat(state(left)).isEqualTo(RunState.ABANDONED);
    }

    @Test
    void a_changed_configuration_is_taken_over_while_it_runs() {
        site.policies(HOURLY);
        Settings before = site.settings;
        Policy other = new Policy(
                "q", HOURLY.select(), HOURLY.timetable(), HOURLY.keep(), HOURLY.demands(), HOURLY.grouping());
        site.changed =
                () -> snapshotsTaken() > 1 ? FakeSite.with(before, before.history(), Map.of("q", other)) : before;
        site.interrupted = () -> site.stderr().contains("policy q, due ");
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.err()).contains("the changed configuration is taken over; policies: q\n");
    }

    @Test
    void a_configuration_that_is_not_valid_is_told_once_and_the_old_one_stays() {
        site.policies(HOURLY);
        AtomicInteger read = new AtomicInteger();
        site.changed = () -> {
            read.incrementAndGet();
            throw new CommandFailed(
                    ExitStatus.USAGE, new Problem(ErrorCode.CONFIGURATION, "stillframe.yaml:1: not YAML", ""));
        };
        site.interrupted = () -> read.get() > 3 && snapshotsTaken() > 2;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.err()).containsOnlyOnce("not valid, the old one stays: stillframe.yaml:1: not YAML");
        assertThat(site.snapshots()).isNotEmpty();
    }

    @Test
    void the_state_directory_never_changes_under_a_daemon() {
        site.policies(HOURLY);
        Settings before = site.settings;
        AtomicInteger read = new AtomicInteger();
        site.changed = () -> {
            read.incrementAndGet();
            return new Settings(
                    before.connect(),
                    Path.of("/elsewhere"),
                    before.require(),
                    before.onDoubt(),
                    before.hooks(),
                    before.limits(),
                    before.space(),
                    before.history(),
                    Map.of());
        };
        site.interrupted = () -> read.get() > 3 && snapshotsTaken() > 2;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.err()).containsOnlyOnce("the state directory cannot change while the daemon runs");
    }

    @Test
    void a_run_that_finds_the_state_directory_held_waits_for_it() {
        site.policies(HOURLY);
        AtomicInteger tries = new AtomicInteger();
        site.beforeHold = () -> {
            // the first to hold it is the daemon's own look at what a crash left
            if (List.of(2, 3).contains(tries.incrementAndGet())) {
                throw FakeSite.heldByAnother();
            }
        };
        site.interrupted = () -> snapshotsTaken() > 0;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(site.err())
                .containsOnlyOnce("warning: policy p, due 2026-03-01T13:00:00Z: nothing was touched")
                .contains("policy p, due 2026-03-01T13:00:00Z: vm 'db01': run ");
    }

    @Test
    void a_signal_while_a_guest_is_frozen_ends_the_daemon_with_the_guest_thawed_and_nothing_left() {
        site.policies(HOURLY);
        site.interrupted = () -> db01.faults().calls().contains("freeze");
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(db01.faults().calls()).contains("freeze", "thaw");
        assertThat(db01.isFrozen()).isFalse();
        assertThat(site.snapshots()).isEmpty();
        List<Run> runs = site.read(journal -> journal.runs(Optional.empty()));
        assertThat(runs).extracting(Run::state).containsExactly(RunState.FAILED);
    }

    @Test
    void a_signal_after_the_switch_ends_the_daemon_with_the_run_finished() {
        site.policies(HOURLY);
        site.interrupted = () -> snapshotsTaken() > 0;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(db01.isFrozen()).isFalse();
        assertThat(site.snapshots()).hasSize(1);
        List<Run> unfinished = site.read(Journal::unfinished);
        assertThat(unfinished).isEmpty();
    }

    @Test
    void a_daemon_that_ends_with_a_guest_that_may_be_frozen_says_so() {
        site.policies(HOURLY);
        db01.withoutSysrq().faults().before("freeze", () -> {
            leaseLeft(); // to the sentinel
            db01.faults().on("thaw", Faults.Kind.REFUSED, 10_000);
        });
        site.interrupted = () -> db01.faults().calls().contains("freeze");
        assertThat(site.run("daemon")).isEqualTo(4);
        assertThat(site.err())
                .contains("guest may still be frozen", "guests that may still be frozen are left behind: db01\n");
    }

    @Test
    void a_good_run_does_not_hide_the_guest_of_another_one_that_may_be_frozen() throws IOException {
        Path image = db01.chain("vda").get(0).resolveSibling("web01.qcow2");
        FakeGuest web01 = site.guest("web01").with("vda", Files.writeString(image, "image"));
        Select webs = new Select(List.of(new Glob("web*")), Set.of(), List.of());
        site.policies(new Policy("p", webs, HOURLY.timetable(), HOURLY.keep(), HOURLY.demands(), HOURLY.grouping()));
        leaseLeft();
        db01.withoutSysrq().frozenByAnother().faults().on("thaw", Faults.Kind.REFUSED, 1_000_000);
        site.interrupted = () -> web01.faults().count("switchTo") > 2;
        assertThat(site.run("daemon")).isEqualTo(4);
        assertThat(site.err()).contains("vm 'web01': run ", "left behind: db01\n");
        db01.thawBehindTheAgent();
    }

    @Test
    void whoever_started_it_hears_when_it_is_ready_while_it_works_and_when_it_ends() {
        site.policies(HOURLY);
        List<String> before = new ArrayList<>(List.of("nothing looked at"));
        site.beforeHold = () -> {
            before.clear();
            before.addAll(site.notified);
            site.beforeHold = () -> {};
        };
        site.interrupted = () -> site.notified.contains("WATCHDOG=1") && snapshotsTaken() > 0;
        assertThat(site.run("daemon")).as(site.err()).isZero();
        assertThat(before).as("told before all is put right").isEmpty();
        assertThat(site.notified).containsExactly("READY=1", "WATCHDOG=1", "STOPPING=1");
    }

    private long snapshotsTaken() {
        return db01.faults().count("switchTo");
    }

    private RunState state(Run run) {
        return site.read(journal -> journal.runs(Optional.empty())).stream()
                .filter(of -> of.id().equals(run.id()))
                .findFirst()
                .orElseThrow()
                .state();
    }
}
