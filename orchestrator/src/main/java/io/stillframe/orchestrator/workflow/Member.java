package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.GroupRule;
import io.stillframe.db.OneInstant;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.workflow.Gathering.Point;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A run's side of its group: it waits for the others, and goes no further without them where the group is all or nothing.
 * A run by itself waits for nobody.
 */
public final class Member {
    /** A run by itself. */
    public static final Member ALONE = new Member(Optional.empty(), "");

    private static final String CHECK = "group";

    /** What is not held may wait for what takes its time: a guest that writes out its data, a release that is tried again. */
    private static final Duration UNHELD = Duration.ofMinutes(5);

    /** What is armed covers no hold that begins later than the margin; the last step to it takes its time as well. */
    private static final Duration ARMED = Lease.MARGIN.minusSeconds(1);

    private final Optional<Gathering> gathering;
    private final String vm;

    private Member(Optional<Gathering> gathering, String vm) {
        this.gathering = gathering;
        this.vm = vm;
    }

    static Member of(Gathering gathering, String vm) {
        return new Member(Optional.of(gathering), vm);
    }

    /** All are prepared. */
    void prepared() {
        await(Point.PREPARED, UNHELD);
    }

    /**
     * All machines' applications hold, where they are told.
     *
     * @param hookLimit how long hooks may take
     */
    void told(Duration hookLimit) {
        await(Point.TOLD, hookLimit.plus(Lease.MARGIN));
    }

    /** All may be held now; also after a wait in vain, where the group's rule is to go on without it. */
    void ready() {
        await(Point.READY, ARMED);
    }

    /** All stand still. */
    void held(Window window) {
        await(Point.HELD, window.patience());
    }

    /** All are taken, and this one has stood still until then. */
    void taken(Window window) {
        await(Point.TAKEN, window.patience());
        gathering.filter(group -> group.broken().isEmpty()).ifPresent(group -> {
            try {
                group.stood(vm, window.stand());
            } catch (RunFailed e) {
                fell(e);
                requireGroup(group);
            }
        });
    }

    /**
     * The end of a run that has what was asked of it: in a group, when all have.
     *
     * @param thawLimit for how long another one's release may go on
     * @throws RunFailed when there is no group, and nothing without one
     */
    Ending accepted(Ending ending, Duration thawLimit) {
        await(Point.PROVED, thawLimit.plus(UNHELD));
        return gathering
                .map(group -> with(ending, evidence(group.proof(), group.others(vm), group.broken())))
                .orElse(ending);
    }

    /** This one goes no further with the others, who must not wait for it. */
    void fell(RuntimeException cause) {
        String reason =
                cause instanceof RunFailed failed ? failed.problem().message() : String.valueOf(cause.getMessage());
        gathering.ifPresent(group -> group.breakUp(reason));
    }

    /** Its run has ended, or never began. */
    void leave() {
        gathering.ifPresent(group -> group.breakUp("vm '%s' had no run that came through".formatted(vm)));
    }

    private void await(Point point, Duration patience) {
        gathering.ifPresent(group -> {
            group.await(point, vm, patience);
            requireGroup(group);
        });
    }

    private void requireGroup(Gathering group) {
        if (group.rule() == GroupRule.ALL_OR_NOTHING) {
            group.broken().ifPresent(reason -> {
                throw apart(vm, reason);
            });
        }
    }

    /** What becomes of a member without a group. */
    static RunFailed apart(String vm, String reason) {
        return new RunFailed(new Problem(
                ErrorCode.GROUP,
                "no snapshot of vm '%s' is kept, for there is none of its whole group: %s".formatted(vm, reason),
                "mend what the message names, then take the group again"));
    }

    /** What is known of the group, beside the evidence of the run itself: its class does not rest on it. */
    static Evidence evidence(Optional<OneInstant> proof, String others, Optional<String> broken) {
        return proof.map(of -> new Evidence(
                        CHECK,
                        true,
                        String.format(
                                Locale.ROOT,
                                "of one instant with %s: taken within %.1f ms, all stood still together for %.1f ms",
                                others,
                                millis(of.skew()),
                                millis(of.together()))))
                .orElseGet(() -> new Evidence(
                        CHECK,
                        false,
                        "of this machine alone, not of one instant with %s: %s"
                                .formatted(others, broken.orElse("its group was not proved"))));
    }

    static Ending with(Ending ending, Evidence more) {
        List<Evidence> evidence = new ArrayList<>(ending.evidence());
        evidence.add(more);
        return new Ending(ending.result(), evidence);
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
