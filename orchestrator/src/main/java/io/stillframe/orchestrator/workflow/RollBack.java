package io.stillframe.orchestrator.workflow;

import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.QUARANTINED;
import static io.stillframe.db.RunState.THAW_OVERDUE;

import io.stillframe.db.JournalException;
import io.stillframe.db.RunState;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.Thaw;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a run that could not go on. The guest comes first: nothing is rolled back while it may be frozen. Before the
 * snapshots were there everything is removed; once they are, they are kept, because the machine lives on them.
 */
final class RollBack {
    private static final Logger LOG = LoggerFactory.getLogger(RollBack.class);

    private RollBack() {}

    /** @param before the state of a run whose thaw is overdue before it was so: what it made goes by that */
    static void of(Progress run, RunState before, Attempt attempt, RuntimeException cause) {
        Problem problem = problem(attempt, cause);
        boolean known = run.settled();
        Optional<Thaw> unconfirmed = attempt.thaw().filter(thaw -> !thaw.confirmed());
        if (unconfirmed.isPresent()) {
            // tried before and in vain again: the run stays what it is
            if (run.state() == THAW_OVERDUE) {
                return;
            }
            run.end(THAW_OVERDUE, attempt.failed(attempt.overdue(unconfirmed.get())));
            // the journal's disk took its time: whoever was left with the guest may have died meanwhile
            var unused = attempt.goOn();
            return;
        }
        if (!known && run.mayBeSnapshotted()) {
            // a recovery that found SNAPSHOTTED would take what was merged for the snapshot
            run.end(QUARANTINED, attempt.failed(kept(attempt, problem)));
            return;
        }
        switch (run.state() == THAW_OVERDUE ? before : run.state()) {
            case SNAPSHOTTED, UPDATED -> run.end(QUARANTINED, attempt.failed(kept(attempt, problem)));
            case RELEASED -> afterRelease(run, attempt, problem);
            default -> discard(run, attempt, problem);
        }
    }

    /**
     * A snapshot that is less than what was asked for, or without its fellows, goes; one whose images are not as they must be
     * is not touched.
     */
    private static void afterRelease(Progress run, Attempt attempt, Problem problem) {
        if (problem.code() == ErrorCode.CONSISTENCY || problem.code() == ErrorCode.GROUP) {
            discard(run, attempt, problem);
        } else {
            run.end(QUARANTINED, attempt.failed(kept(attempt, problem)));
        }
    }

    private static void discard(Progress run, Attempt attempt, Problem problem) {
        List<String> leftovers = leftovers(attempt);
        if (leftovers.isEmpty()) {
            run.end(ended(run.state()), attempt.failed(problem));
            return;
        }
        run.end(
                QUARANTINED,
                attempt.failed(new Problem(
                        ErrorCode.ROLL_BACK,
                        "%s; rolling back failed: %s; the guest is not frozen"
                                .formatted(problem.message(), String.join("; ", leftovers)),
                        "see 'stillframe show %s' for what the run made"
                                .formatted(run.run().id().value()))));
    }

    private static List<String> leftovers(Attempt attempt) {
        try {
            return attempt.discard();
        } catch (RuntimeException e) {
            // the storage or libvirt is broken: what is left is for the operator, who must be told so
            LOG.warn("rolling back failed", e);
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static RunState ended(RunState state) {
        return switch (state) {
            case PLANNED, PREPARED -> ABANDONED;
            default -> FAILED;
        };
    }

    private static Problem kept(Attempt attempt, Problem problem) {
        return new Problem(
                problem.code(),
                "the snapshot of vm '%s' was taken and is kept, but: %s".formatted(attempt.name(), problem.message()),
                problem.hint());
    }

    private static Problem problem(Attempt attempt, RuntimeException cause) {
        if (cause instanceof RunFailed failed) {
            return failed.problem();
        }
        if (cause instanceof JournalException) {
            return new Problem(
                    ErrorCode.JOURNAL,
                    "the run of vm '%s' could not be journaled: %s".formatted(attempt.name(), cause.getMessage()),
                    "make room or mend the state directory, then try again");
        }
        if (!(cause instanceof GuestException)) {
            LOG.error("the run broke", cause);
        }
        return new Problem(
                ErrorCode.HYPERVISOR_UNREACHABLE,
                "the run of vm '%s' could not go on: %s".formatted(attempt.name(), cause.getMessage()),
                "see libvirtd's log, then try again");
    }
}
