package io.stillframe.orchestrator.state;

import io.stillframe.db.RunState;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The transition table as a page of documentation. */
final class StatesDiagram {
    private StatesDiagram() {}

    static String markdown() {
        String transitions = Stream.of(RunState.values())
                .flatMap(from -> Stream.of(RunState.values())
                        .filter(to -> Transitions.after(from).contains(to))
                        .map(to -> "    %s --> %s".formatted(from, to)))
                .collect(Collectors.joining("\n"));
        String ends = Stream.of(RunState.values())
                .filter(RunState::isFinal)
                .map(state -> "    %s --> [*]".formatted(state))
                .collect(Collectors.joining("\n"));
        return """
                # The states of a run

                Generated from the transition table (`Transitions`); a test fails when this page says anything else.
                What each state means stands beside it in `RunState`.

                ```mermaid
                stateDiagram-v2
                    [*] --> PLANNED
                %s
                %s
                ```
                """.formatted(transitions, ends);
    }
}
