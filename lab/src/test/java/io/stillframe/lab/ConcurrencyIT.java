package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two operators, one machine. */
class ConcurrencyIT {
    private static final int AT_ONCE = 3;
    private static final int MOST_RACES = 10;

    @TempDir
    private Path directory;

    @Test
    void a_snapshot_of_a_machine_that_another_process_is_busy_with_is_refused_and_says_which() {
        Cli shared = new Cli(directory);

        race(Collections.nCopies(AT_ONCE, shared));
    }

    @Test
    void that_holds_between_state_directories_too() {
        race(IntStream.range(0, AT_ONCE)
                .mapToObj(n -> new Cli(directory.resolve("own-" + n)))
                .toList());
    }

    private static void race(List<Cli> clis) {
        try (LabGuest guest = LabGuest.up("it-race")) {
            int completed = 0;
            boolean overlapped = false;
            for (int race = 0; race < MOST_RACES && !overlapped; race++) {
                List<Tool.Running> racers = clis.stream()
                        .map(cli -> cli.startJson("snapshot", guest.name()))
                        .toList();
                List<Done> refused = new ArrayList<>();
                for (Tool.Running racer : racers) {
                    Done done = Cli.await(racer);
                    if (done.exit() == 3) {
                        refused.add(done);
                    } else {
                        done.took("filesystem");
                        completed++;
                    }
                }
                assertThat(refused).as("those that were refused").hasSizeLessThan(AT_ONCE);
                refused.forEach(loser -> assertNamesHolder(loser, racers));
                overlapped = !refused.isEmpty();
                guest.awaitWriting();
                assertThat(guest.isFrozen()).isFalse();
            }

            assertThat(overlapped).as("whether any two runs ever met").isTrue();
            // one overlay for each run that completed, nothing of the others
            assertThat(guest.imageFiles()).hasSize(1 + completed);
            int journaled = Set.copyOf(clis).stream()
                    .mapToInt(cli ->
                            cli.json("runs", guest.name()).json().get("runs").size())
                    .sum();
            assertThat(journaled).isEqualTo(completed);
        }
    }

    private static void assertNamesHolder(Done loser, List<Tool.Running> racers) {
        loser.tells("HELD");
        assertThat(loser.err())
                .containsPattern(racers.stream()
                        .map(racer -> "pid " + racer.process().pid() + "\\b")
                        .reduce((one, other) -> one + "|" + other)
                        .orElseThrow());
    }
}
