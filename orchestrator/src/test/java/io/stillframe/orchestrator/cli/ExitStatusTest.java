package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.db.RunState;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExitStatusTest {
    @ParameterizedTest
    @CsvSource({
        "COMPLETED, , 0",
        "FAILED, FREEZE, 1",
        "FAILED, INTERRUPTED, 130",
        "ABANDONED, AGENT, 3",
        "ABANDONED, INTERRUPTED, 130",
        "THAW_OVERDUE, THAW, 4",
        "THAW_OVERDUE, INTERRUPTED, 4",
        "QUARANTINED, ROLL_BACK, 5",
        "QUARANTINED, INTERRUPTED, 5"
    })
    void a_run_that_has_ended_has_its_status(RunState state, ErrorCode error, int status) {
        assertThat(ExitStatus.of(run(state, error)).code()).isEqualTo(status);
    }

    @ParameterizedTest
    @EnumSource(RunState.class)
    void only_a_completed_run_is_done(RunState state) {
        assertThat(ExitStatus.of(run(state, null)) == ExitStatus.DONE).isEqualTo(state == RunState.COMPLETED);
    }

    @Test
    void of_several_the_gravest_counts() {
        assertThat(gravest(ExitStatus.DONE, ExitStatus.REFUSED)).isEqualTo(ExitStatus.REFUSED);
        assertThat(gravest(ExitStatus.REFUSED, ExitStatus.FAILED)).isEqualTo(ExitStatus.FAILED);
        assertThat(gravest(ExitStatus.FAILED, ExitStatus.INTERRUPTED)).isEqualTo(ExitStatus.INTERRUPTED);
        assertThat(gravest(ExitStatus.INTERRUPTED, ExitStatus.NEEDS_OPERATOR)).isEqualTo(ExitStatus.NEEDS_OPERATOR);
        assertThat(gravest(ExitStatus.NEEDS_OPERATOR, ExitStatus.MAY_BE_FROZEN)).isEqualTo(ExitStatus.MAY_BE_FROZEN);
        assertThat(gravest()).isEqualTo(ExitStatus.DONE);
    }

    private static ExitStatus gravest(ExitStatus... statuses) {
        return ExitStatus.gravest(List.of(statuses));
    }

    private static Run run(RunState state, ErrorCode error) {
        Optional<RunError> failure = Optional.ofNullable(error).map(code -> new RunError(code.name(), "failed", ""));
        return new Run(
                new RunId("000000000001"),
                new UUID(0, 1),
                "db01",
                state,
                3,
                TickingClock.START,
                OptionalInt.empty(),
                Optional.of(TickingClock.START),
                new RunResult(Optional.empty(), Optional.empty(), failure));
    }
}
