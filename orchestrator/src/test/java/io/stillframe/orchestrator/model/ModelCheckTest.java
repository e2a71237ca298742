package io.stillframe.orchestrator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.RunState;
import io.stillframe.orchestrator.model.StateSpace.Step;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a run, its guest and everybody around them can come into is visited, and no promise is broken there. */
class ModelCheckTest {
    private static final Set<Rule> RULES = EnumSet.allOf(Rule.class);

    @Test
    void in_every_situation_every_promise_holds() {
        Model model = new Model(Tables.PRODUCTION, RULES);
        Set<Step> steps = new HashSet<>();
        long situations = 0;
        long transitions = 0;
        for (Situation first : Situation.first()) {
            StateSpace space = StateSpace.from(first, model);
            for (Promise promise : Promise.all(Tables.PRODUCTION)) {
                assertThat(promise.broken().apply(space)).as(promise.name()).isEmpty();
            }
            steps.addAll(space.steps());
            situations += space.situations();
            transitions += space.transitions();
        }
        System.out.printf("visited %,d situations over %,d transitions%n", situations, transitions);
        assertThat(steps).as("steps made by a run").containsExactlyInAnyOrderElementsOf(table());
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void without_any_one_rule_a_promise_is_broken(Rule rule) {
        assertThat(broken(Tables.PRODUCTION, EnumSet.complementOf(EnumSet.of(rule))))
                .isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"SNAPSHOTTED", "UPDATED"})
    void a_table_that_completes_a_run_whose_guest_is_held_is_found_out(RunState state) {
        assertThat(broken(Tables.PRODUCTION.with(state, RunState.COMPLETED))).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"FREEZING", "FROZEN", "QUIESCED", "SNAPSHOTTED", "UPDATED", "THAW_OVERDUE"})
    void a_table_by_which_recovery_takes_a_guest_for_free_is_found_out(RunState state) {
        assertThat(broken(Tables.PRODUCTION.takingForFree(state))).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"QUARANTINED", "COMPLETED", "FAILED", "ABANDONED", "GIVEN_UP"},
            mode = EnumSource.Mode.EXCLUDE)
    void a_table_that_ends_too_early_is_found_out(RunState state) {
        assertThat(broken(Tables.PRODUCTION.leaving(state))).isNotEmpty();
        assertThat(broken(Tables.PRODUCTION.endingIn(state))).isNotEmpty();
    }

    private static List<Step> table() {
        return Stream.of(RunState.values())
                .flatMap(from -> Tables.PRODUCTION.after().apply(from).stream().map(to -> new Step(from, to)))
                .toList();
    }

    private static List<Promise> broken(Tables tables) {
        return broken(tables, RULES);
    }

    /** The first promise that is broken. */
    private static List<Promise> broken(Tables tables, Set<Rule> rules) {
        return Situation.first().stream()
                .map(first -> StateSpace.from(first, new Model(tables, rules)))
                .flatMap(space -> Promise.all(tables).stream()
                        .filter(promise -> promise.broken().apply(space).isPresent()))
                .limit(1)
                .toList();
    }
}
