package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.FakeJournal;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pruned journal does for every snapshot what the whole one does, and is as large as what there is and the history. */
class PruningTest {
    private static final int LIVES = 20;
    private static final int STEPS = 120;

    /** Short beside a life, so that most of it is gone at its end. */
    private static final Duration HISTORY = Duration.ofDays(2);

    private int gone;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatever_became_of_a_machine_its_snapshots_miss_nothing_that_was_pruned(long seed) {
        Random random = new Random(seed);
        for (int life = 0; life < LIVES; life++) {
            PrunedMachine machine = new PrunedMachine(random);
            for (int step = 0; step < STEPS; step++) {
                machine.pass(Duration.ofHours(random.nextInt(24)));
                something(machine, random.nextInt(24));
                // sometimes it is cut short
                machine.prune(HISTORY, random.nextInt(4) > 0 ? 100 : random.nextInt(3));
                machine.requireNothingMissed();
            }
            gone += runs(machine.whole) - runs(machine.pruned);
        }
        assertThat(gone).isGreaterThan(LIVES * STEPS / 6);
    }

    private static void something(PrunedMachine machine, int which) {
        switch (which) {
            case 0 -> machine.takeUpAgain();
            case 1, 2, 3 -> machine.revert();
            case 4 -> machine.giveUpRemoval();
            case 5 -> machine.cloneOne();
            case 6, 7 -> machine.fail();
            case 8 -> machine.deleteAllBut(0, 0);
            case 9, 10, 11, 12, 13, 14 -> machine.deleteOne();
            default -> machine.take();
        }
    }

    @Test
    void after_a_year_of_hourly_snapshots_and_some_that_fail_there_is_what_exists_and_what_ended_in_the_history() {
        Random random = new Random(7);
        PrunedMachine machine = new PrunedMachine(random);
        machine.take(); // is kept for ever
        machine.revert();
        int most = 0;
        for (int hour = 0; hour < 365 * 24; hour++) {
            machine.pass(Duration.ofHours(1));
            if (random.nextInt(10) == 0) {
                machine.fail();
            } else {
                machine.take();
                machine.deleteAllBut(24, 1);
            }
            machine.prune(HISTORY, 100);
            most = Math.max(most, runs(machine.pruned));
        }
        // what ended in the history, what exists, the first one, and who says last what the revert gave up and where it
        // led
        assertThat(most).isLessThanOrEqualTo(48 + 25 + 24 + 4);
        assertThat(machine.pruned.jobs(Optional.empty())).hasSizeLessThanOrEqualTo(48 + 3);
    }

    private static int runs(FakeJournal journal) {
        return journal.runs(Optional.empty()).size();
    }
}
