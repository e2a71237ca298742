package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.Transition;
import io.stillframe.orchestrator.api.ApiProblem;
import io.stillframe.orchestrator.api.Arguments;
import io.stillframe.orchestrator.api.EventStream;
import io.stillframe.orchestrator.api.Exchange;
import io.stillframe.orchestrator.state.RecoveryAction;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Tells of a run as it goes on, by what the journal has of it. */
final class RunProgress {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Supplier<Site> sites;

    /** @param sites gives one for every look */
    RunProgress(Supplier<Site> sites) {
        this.sites = sites;
    }

    void follow(Arguments arguments, Exchange exchange) throws IOException {
        try (Site site = sites.get()) {
            Journal journal = site.journalToLookAt().orElseThrow();
            Run run = the(journal.runsLike(arguments.the("run")), arguments.the("run"), site);
            EventStream events = exchange.events();
            int told = 0;
            while (!events.isGone()
                    && !exchange.isEnding()
                    && !site.interrupted().getAsBoolean()) {
                // first whether it has ended: then the states that are read after it are all
                Run now = the(journal.runsLike(run.id().value()), run.id().value(), site);
                List<Transition> states = journal.transitions(run.id());
                for (Transition state : states.subList(told, states.size())) {
                    events.send("state", Views.TransitionView.of(state));
                }
                told = states.size();
                if (hasEnded(now)) {
                    events.send("end", ShowCommand.shown(journal, now));
                    return;
                }
                site.timing().pause(BETWEEN_LOOKS);
            }
        }
    }

    /** Or goes on nobody knows when: a guest that cannot be released may stay as it is for days. */
    private static boolean hasEnded(Run run) {
        return switch (RecoveryAction.of(run.state())) {
            case NONE, LEAVE, RELEASE_AGAIN -> true;
            case ABANDON, ROLL_BACK, RESUME -> false;
        };
    }

    private static Run the(List<Run> runs, String id, Site site) {
        if (runs.size() != 1) {
            throw new ApiProblem(
                    404,
                    "UNKNOWN_RUN",
                    runs.isEmpty() ? "no run '%s'".formatted(id) : "more than one run begins with '%s'".formatted(id),
                    runs.isEmpty() ? "see GET /v1/runs; " + ShowCommand.forgotten(site) : "give more of the id");
        }
        return runs.get(0);
    }
}
