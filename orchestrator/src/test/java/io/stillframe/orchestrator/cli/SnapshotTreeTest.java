package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.life.ListSnapshots.Standing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SnapshotTreeTest {
    @Test
    void a_line_of_snapshots_is_drawn_as_one_with_the_machine_at_its_end() {
        assertThat(drawn(at(3, 2, true), at(2, 1, false), at(1, 0, false)))
                .containsExactly("1", "└─ 2", "   └─ 3", "      └─ now");
    }

    @Test
    void branches_are_drawn_each_below_what_it_came_from_the_machine_last() {
        assertThat(drawn(at(4, 3, false), at(3, 1, false), at(2, 1, false), at(1, 0, true)))
                .containsExactly("1", "├─ 2", "├─ 3", "│  └─ 4", "└─ now");
    }

    @Test
    void nothing_is_hidden_by_a_parent_that_is_not_there() {
        assertThat(drawn(at(3, 9, false), at(2, 0, false))).containsExactly("2", "3");
    }

    @Test
    void nothing_is_hidden_by_a_circle() {
        assertThat(drawn(at(3, 2, false), at(2, 3, false))).containsExactly("2", "└─ 3");
    }

    private static List<String> drawn(Standing... standings) {
        return SnapshotTree.of(List.of(standings)).lines().stream()
                .map(line -> line.indent()
                        + line.standing()
                                .map(standing ->
                                        standing.snapshot().run().value().substring(11))
                                .orElse("now"))
                .toList();
    }

    private static Standing at(int number, int parent, boolean head) {
        RunId run = id(number);
        return new Standing(
                new Snapshot(
                        run.label(),
                        run,
                        new UUID(0, 1),
                        "db01",
                        TickingClock.START.plusSeconds(number),
                        Consistency.FILESYSTEM,
                        SnapshotState.PRESENT,
                        parent == 0 ? Optional.empty() : Optional.of(id(parent)),
                        Optional.empty(),
                        Optional.empty(),
                        List.of()),
                head,
                Map.of());
    }

    private static RunId id(int number) {
        return new RunId("%012d".formatted(number));
    }
}
