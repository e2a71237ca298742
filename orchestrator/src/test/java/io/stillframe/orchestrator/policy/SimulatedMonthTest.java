package io.stillframe.orchestrator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Months in which the clocks change, run by run: what retention removes, and what is there in the end, is what the naive
 * reference says.
 */
class SimulatedMonthTest {
    private static final int SEEDS = Integer.getInteger("stillframe.seeds", 12);

    @ParameterizedTest
    @MethodSource("seasons")
    void every_run_removes_what_the_naive_reference_removes_whatever_else_happens(String zone, Instant begin) {
        int removed = 0;
        int failed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedMonth month = new SimulatedMonth(zone, begin, seed).withLosses();
            month.pass();
            removed += month.removed();
            failed += month.failed();
        }
        assertThat(removed).as("snapshots removed").isGreaterThan(50 * SEEDS);
        assertThat(failed).as("removals that failed").isGreaterThan(3 * SEEDS);
    }

    /**
     * What failed was only put off: where no storage loses anything, the end is as if every snapshot ever taken were
     * judged once.
     */
    @ParameterizedTest
    @MethodSource("seasons")
    void what_is_left_is_what_the_naive_reference_leaves_of_all_that_was_ever_taken(String zone, Instant begin) {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedMonth month = new SimulatedMonth(zone, begin, seed);
            month.pass();
            month.settle();
            List<String> gone = new NaiveRetention(month.policy(), month.everTaken(), month.now()).removed();
            assertThat(month.there())
                    .as("seed %d, %s", seed, month.policy())
                    .containsExactlyInAnyOrderElementsOf(month.everTaken().stream()
                            .map(Moment::id)
                            .filter(id -> !gone.contains(id))
                            .toList());
        }
    }

    @Test
    void the_months_have_all_that_can_come_between() {
        List<SimulatedMonth> months = IntStream.range(0, SEEDS)
                .mapToObj(seed ->
                        new SimulatedMonth("Europe/Paris", Instant.parse("2026-03-08T12:00:00Z"), seed).withLosses())
                .toList();
        months.forEach(SimulatedMonth::pass);
        assertThat(months).anyMatch(month -> month.wasOpen() > 0).anyMatch(month -> month.lost() > 0);
        assertThat(months).allMatch(month -> month.runs() > month.takenBy("p"));
        List<Moment> taken =
                months.stream().flatMap(month -> month.everTaken().stream()).toList();
        assertThat(taken)
                .anyMatch(moment -> moment.policy().isEmpty())
                .anyMatch(moment -> moment.policy().filter("other"::equals).isPresent())
                .anyMatch(moment -> !moment.good());
    }

    private static Stream<Arguments> seasons() {
        return Stream.of(
                season("Europe/Paris", "2026-03-08T12:00:00Z"),
                season("Europe/Paris", "2026-10-05T12:00:00Z"),
                season("America/New_York", "2026-02-20T12:00:00Z"),
                season("America/New_York", "2026-10-15T12:00:00Z"),
                season("Australia/Lord_Howe", "2026-03-20T12:00:00Z"),
                season("Australia/Lord_Howe", "2026-09-18T12:00:00Z"));
    }

    private static Arguments season(String zone, String begin) {
        return Arguments.of(zone, Instant.parse(begin));
    }
}
