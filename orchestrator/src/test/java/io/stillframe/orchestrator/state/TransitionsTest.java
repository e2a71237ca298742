package io.stillframe.orchestrator.state;

import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.FREEZING;
import static io.stillframe.db.RunState.FROZEN;
import static io.stillframe.db.RunState.PLANNED;
import static io.stillframe.db.RunState.PREPARED;
import static io.stillframe.db.RunState.QUIESCED;
import static io.stillframe.db.RunState.RELEASED;
import static io.stillframe.db.RunState.SNAPSHOTTED;
import static io.stillframe.db.RunState.THAW_OVERDUE;
import static io.stillframe.db.RunState.UPDATED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.stillframe.db.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransitionsTest {
    /** States in which nobody may be believed to have thawed the guest. */
    private static final Set<RunState> MAY_BE_FROZEN =
            EnumSet.of(FREEZING, FROZEN, QUIESCED, SNAPSHOTTED, UPDATED, THAW_OVERDUE);

    private static final Path DIAGRAM = Path.of("..", "docs", "states.md");

    @ParameterizedTest
    @EnumSource(RunState.class)
    void every_state_has_its_entry(RunState state) {
        assertThat(Transitions.after(state)).isNotNull().doesNotContain(state);
    }

    @ParameterizedTest
    @EnumSource(RunState.class)
    void final_states_lead_nowhere_and_all_others_somewhere(RunState state) {
        assertThat(Transitions.after(state).isEmpty()).isEqualTo(state.isFinal());
    }

    @ParameterizedTest
    @EnumSource(RunState.class)
    void every_state_can_be_reached(RunState state) {
        assertThat(reachable(PLANNED)).contains(state);
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"FREEZING", "FROZEN", "QUIESCED", "SNAPSHOTTED", "UPDATED", "THAW_OVERDUE"})
    void from_where_a_guest_may_be_frozen_a_confirmed_thaw_can_be_reached(RunState state) {
        assertThat(reachable(state)).containsAnyOf(RELEASED, FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            value = RunState.class,
            names = {"FREEZING", "FROZEN", "QUIESCED", "SNAPSHOTTED", "UPDATED"})
    void from_where_a_guest_may_be_frozen_a_missing_thaw_has_its_state(RunState state) {
        assertThat(Transitions.after(state)).contains(THAW_OVERDUE);
    }

    @Test
    void nobody_completes_a_run_without_a_confirmed_thaw() {
        for (RunState state : RunState.values()) {
            assertThat(Transitions.after(state).contains(COMPLETED))
                    .as(state.name())
                    .isEqualTo(state == RELEASED);
        }
    }

    @Test
    void what_may_have_touched_the_guest_is_never_called_abandoned() {
        for (RunState state : MAY_BE_FROZEN) {
            assertThat(Transitions.after(state)).as(state.name()).doesNotContain(ABANDONED);
        }
    }

    @Test
    void a_snapshot_that_is_there_is_not_failed_before_the_release() {
        assertThat(Transitions.after(SNAPSHOTTED)).doesNotContain(FAILED);
        assertThat(Transitions.after(UPDATED)).doesNotContain(FAILED);
    }

    @Test
    void a_step_that_the_table_does_not_know_is_refused() {
        Transitions.require(PLANNED, PREPARED);
        assertThatIllegalStateException()
                .isThrownBy(() -> Transitions.require(PLANNED, FROZEN))
                .withMessage("no transition from PLANNED to FROZEN");
    }

    @Test
    void the_diagram_in_the_documentation_is_the_table() throws Exception {
        String generated = StatesDiagram.markdown();
        if (Boolean.getBoolean("stillframe.writeDocs")) {
            Files.writeString(DIAGRAM, generated);
        }
        assertThat(DIAGRAM)
                .as("write it again with: mvn -pl orchestrator test -Dtest=TransitionsTest "
                        + "-DargLine=-Dstillframe.writeDocs=true")
                .hasContent(generated);
    }

    private static Set<RunState> reachable(RunState from) {
        Set<RunState> seen = EnumSet.of(from);
        Deque<RunState> next = new ArrayDeque<>(seen);
        while (!next.isEmpty()) {
            for (RunState state : Transitions.after(next.pop())) {
                if (seen.add(state)) {
                    next.push(state);
                }
            }
        }
        return seen;
    }
}
