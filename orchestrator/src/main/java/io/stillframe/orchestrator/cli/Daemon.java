package io.stillframe.orchestrator.cli;

import io.stillframe.config.Policy;
import io.stillframe.config.Settings;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.api.Arguments;
import io.stillframe.orchestrator.api.Endpoint;
import io.stillframe.orchestrator.api.Exchange;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.orchestrator.recovery.Finding;
import io.stillframe.orchestrator.schedule.Schedule;
import io.stillframe.orchestrator.schedule.ScheduleException;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * The policies run when they are due, and requests are answered. It holds the state directory for as long as it lives;
 * other commands that need it are executed here, each in its turn.
 */
final class Daemon {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Duration BETWEEN_READINGS = Duration.ofSeconds(2);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(10);

    /** A history is of days at least. */
    private static final Duration BETWEEN_PRUNINGS = Duration.ofHours(6);

    /** A daemon that never lives for hours prunes as well. */
    private static final Duration FIRST_PRUNING = Duration.ofMinutes(10);

    /** How late a run may begin that nothing keeps waiting. */
    private static final Duration LATEST = Duration.ofMinutes(1);

    private final Site site;
    private final Output output;
    private volatile Settings settings;
    private volatile String status = "reconciling";
    private final Instant began;
    private String lastComplaint = "";

    Daemon(Site site, Output output) {
        this.site = site;
        // what was noted in months is long mended, perhaps: what it leaves behind is asked for at the end
        this.output = output.apart();
        this.settings = site.settings();
        this.began = site.clock().instant();
    }

    /**
     * Returns when it was interrupted, and nothing goes on any more.
     *
     * @param port where requests are answered beside the socket
     */
    ExitStatus serve(Optional<Integer> port) {
        site.keep();
        try (Rounds rounds = new Rounds(site, () -> settings, output);
                Recurring history =
                        new Recurring(site.timing(), "history", FIRST_PRUNING, BETWEEN_PRUNINGS, this::prune)) {
            Site.Service requests = site.serve(endpoints(), port);
            try (requests) {
                schedule(rounds, history);
            }
        }
        // the end of a daemon is what was asked for, unless it leaves a guest behind
        List<String> held = site.held();
        if (!held.isEmpty()) {
            output.complaint("guests that may still be frozen are left behind: " + String.join(", ", held));
        }
        return held.isEmpty() ? ExitStatus.DONE : ExitStatus.MAY_BE_FROZEN;
    }

    private void schedule(Rounds rounds, Recurring history) {
        boolean first = true;
        while (first || !isInterrupted()) {
            try (Schedule schedule = site.schedule(this::run)) {
                if (first) {
                    reconcile(rounds);
                    output.complaint("policies: " + names(settings));
                    first = false;
                }
                schedule.follow(settings.policies());
                schedule.start();
                status = "serving";
                site.serviceManager().ready();
                boolean rests = false;
                while (passes(BETWEEN_READINGS) && !(rests && schedule.isIdle())) {
                    takeOver(schedule);
                    watch(schedule);
                    rounds.pass();
                    history.pass();
                    // it is waited for here, where the service manager goes on being told
                    rests = rests || schedule.isWorn();
                    if (rests) {
                        schedule.rest();
                    }
                }
                if (isInterrupted()) {
                    site.serviceManager().stopping();
                }
            }
        }
    }

    private Site work() {
        return site.anew(settings, new Unattended(output.errors(), site.interrupted()));
    }

    /** Whoever started this as a service starts it again where nothing is heard for a while. */
    private void watch(Schedule schedule) {
        if (schedule.isAlive(LATEST)) {
            status = "serving";
            site.serviceManager().alive();
        } else {
            status = "stuck";
            complain("what is due does not begin");
        }
    }

    private List<Endpoint> endpoints() {
        ServedCommands commands = new ServedCommands(site, caller -> site.anew(settings, caller));
        return new Endpoints(commands, this::health, new RunProgress(this::work)::follow).all();
    }

    private void health(Arguments any, Exchange exchange) throws IOException {
        DaemonHealth health = new DaemonHealth(
                isInterrupted() ? "ending" : status,
                Stillframe.VERSION,
                ProcessHandle.current().pid(),
                began,
                settings.stateDir().toString(),
                settings.policies().size());
        exchange.answer(status.equals("stuck") ? 503 : 200, JsonMapper.shared().writeValueAsString(health));
    }

    /** Nothing is scheduled before it is done: a new layer on what a crash left would be one more thing to put right. */
    private void reconcile(Rounds rounds) {
        boolean done = false;
        while (!done && !isInterrupted()) {
            List<Finding> findings = new ArrayList<>();
            try (Site work = work()) {
                ReconcileCommand.reconcile(work, Meters.NONE, false, false, findings);
                done = true;
            } catch (CommandFailed | JournalException | GuestException e) {
                complain("not yet reconciled, so nothing is scheduled: " + e.getMessage());
            }
            rounds.tell(findings);
            done = done || !passes(BETWEEN_TRIES);
        }
    }

    /** Whether its turn came. */
    private boolean run(Policy policy, Instant due) {
        boolean done = false;
        while (!done && !isInterrupted()) {
            try (Site work = work()) {
                List<PolicyTurn.Result> turns = new RunPolicy(work, Meters.NONE, output).of(policy);
                tell(policy, due, turns);
                done = true;
            } catch (CommandFailed e) {
                // another command holds the state directory: this run waits for its end, and so do those after it
                done = e.problem().code() != ErrorCode.HELD;
                complain("policy %s, due %s: %s".formatted(policy.name(), due, e.getMessage()));
            } catch (JournalException | GuestException e) {
                done = true;
                complain("policy %s, due %s: %s".formatted(policy.name(), due, e.getMessage()));
            }
        }
        return done;
    }

    /** It needs no turn: it keeps away from runs that hold a guest, and nothing that anybody works with goes. */
    private void prune() {
        try (Site work = work()) {
            Journal journal = work.journalToLookAt().orElseThrow();
            PruneHistory.Pruned pruned =
                    new PruneHistory(journal, work.timing(), work.interrupted()).of(PruneCommand.before(work));
            if (!pruned.isNothing()) {
                output.complaint("history: %s are gone".formatted(PruneCommand.words(pruned)));
            }
        } catch (RuntimeException e) {
            complain("the history is not pruned for now: " + e.getMessage());
        }
    }

    private void tell(Policy policy, Instant due, List<PolicyTurn.Result> turns) {
        String run = "policy %s, due %s: ".formatted(policy.name(), due);
        if (turns.isEmpty() && !isInterrupted()) {
            output.complaint(run + "no machine is selected");
        }
        for (PolicyTurn.Result turn : turns) {
            Views.TakenView taken = turn.taken().view();
            if (taken.run() != null) {
                output.complaint(run
                        + "vm '%s': run %s %s%s"
                                .formatted(
                                        taken.vm(),
                                        taken.run(),
                                        taken.state(),
                                        taken.consistency() == null ? "" : ", consistency " + taken.consistency()));
            }
            turn.taken().problem().ifPresent(output::error);
            turn.removed()
                    .forEach(removed -> removed.problem()
                            .ifPresentOrElse(
                                    output::error,
                                    () -> output.complaint(run
                                            + "snapshot %s is deleted"
                                                    .formatted(
                                                            removed.snapshot().id()))));
        }
    }

    /** As a whole or not at all; one that cannot be taken over is told once. */
    private void takeOver(Schedule schedule) {
        try {
            Settings read = site.reread();
            if (!read.stateDir().equals(settings.stateDir())) {
                complain("the state directory cannot change while the daemon runs; the old configuration stays");
            } else if (!read.equals(settings)) {
                takeOver(schedule, read);
            }
        } catch (CommandFailed e) {
            complain("the changed configuration is not valid, the old one stays: " + e.getMessage());
        }
    }

    /** What could not be written is tried again with the next reading. */
    private void takeOver(Schedule schedule, Settings read) {
        Settings before = settings;
        settings = read;
        try {
            schedule.follow(read.policies());
            lastComplaint = "";
            output.complaint("the changed configuration is taken over; policies: " + names(read));
        } catch (ScheduleException e) {
            settings = before;
            complain("the changed configuration is not yet taken over: " + e.getMessage());
        }
    }

    private static String names(Settings settings) {
        return settings.policies().isEmpty()
                ? "none"
                : String.join(", ", settings.policies().keySet());
    }

    private synchronized void complain(String what) {
        if (!what.equals(lastComplaint)) {
            output.complaint("warning: " + what);
            lastComplaint = what;
        }
    }

    /** Lets time pass; false when it was interrupted meanwhile. */
    private boolean passes(Duration about) {
        long since = site.timing().nanos();
        while (!isInterrupted() && site.timing().since(since).compareTo(about) < 0) {
            site.timing().pause(BETWEEN_LOOKS);
        }
        return !isInterrupted();
    }

    private boolean isInterrupted() {
        return site.interrupted().getAsBoolean();
    }
}
