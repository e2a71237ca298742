package io.stillframe.orchestrator.model;

import io.stillframe.db.RunState;
import io.stillframe.orchestrator.state.RecoveryAction;
import io.stillframe.orchestrator.state.Transitions;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The tables that a run goes by.
 *
 * @param after which state may follow which
 * @param action what recovery does with a run in a state
 * @param mayBeHeld whether recovery releases the guest of a run in a state
 */
record Tables(
        Function<RunState, Set<RunState>> after,
        Function<RunState, RecoveryAction> action,
        Predicate<RunState> mayBeHeld) {

    /** Production's own. */
    static final Tables PRODUCTION = new Tables(Transitions::after, RecoveryAction::of, RunState::mayBeHeld);

    /** The same with a step that production does not know. */
    Tables with(RunState from, RunState to) {
        return new Tables(
                state -> {
                    Set<RunState> next = new HashSet<>(after.apply(state));
                    if (state == from) {
                        next.add(to);
                    }
                    return next;
                },
                action,
                mayBeHeld);
    }

    /** The same, but nothing follows one state. */
    Tables endingIn(RunState end) {
        return new Tables(state -> state == end ? Set.of() : after.apply(state), action, mayBeHeld);
    }

    /** The same, but recovery leaves a run in one state alone. */
    Tables leaving(RunState alone) {
        return new Tables(after, state -> state == alone ? RecoveryAction.LEAVE : action.apply(state), mayBeHeld);
    }

    /** The same, but recovery takes the guest of a run in one state for free. */
    Tables takingForFree(RunState of) {
        return new Tables(after, action, state -> state != of && mayBeHeld.test(state));
    }
}
