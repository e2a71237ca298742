package io.stillframe.orchestrator.simulation;

import io.stillframe.db.RunState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The moment at which a trouble begins: just before or after a call.
 *
 * @param ofSentinel whether it is a sentinel's call, and otherwise an orchestrator's
 * @param after the state that a run has reached last; empty to count from the beginning
 * @param calls how many befores and afters of calls later
 * @param delay how much later than that, in nanoseconds
 */
record Trigger(boolean ofSentinel, Optional<RunState> after, int calls, long delay) {
    /** All but the one that only an operator brings a run to. */
    static final List<RunState> REACHED = Stream.of(RunState.values())
            .filter(state -> state != RunState.GIVEN_UP)
            .toList();

    /** Those in which the guest is held, more often than others. */
    private static final List<RunState> STATES = REACHED.stream()
            .flatMap(state -> state.mayBeHeld() ? Stream.of(state, state, state) : Stream.of(state))
            .toList();

    static Trigger of(Dice dice) {
        long delay = dice.percent(70) ? 0 : dice.between(Duration.ofMillis(1), Duration.ofSeconds(20));
        if (dice.percent(20)) {
            return new Trigger(true, Optional.empty(), 1 + dice.below(dice.oneOf(15, 30, 90)), delay);
        }
        if (dice.percent(10)) {
            return new Trigger(false, Optional.empty(), 1 + dice.below(400), delay);
        }
        RunState state = dice.oneOf(STATES);
        int calls = dice.below(dice.percent(75) ? callsIn(state) : 60);
        return new Trigger(false, Optional.of(state), calls, delay);
    }

    /** About how many befores and afters there are in a state when nothing goes wrong. */
    private static int callsIn(RunState state) {
        return switch (state) {
            case PLANNED -> 70;
            case UPDATED, RELEASED, THAW_OVERDUE -> 14;
            default -> 6;
        };
    }
}
