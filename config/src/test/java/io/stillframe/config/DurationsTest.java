package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @ValueSource(strings = {"500ms", "10s", "5m", "1h", "2d", "0s", "1500ms", "90s", "36h"})
    void what_is_printed_is_what_was_written(String text) {
        assertThat(Durations.parse(text).map(Durations::print)).contains(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10 s", "s", "-1s", "1.5s", "10S", "1h30m", "9999999999s", "１s", "10s\n"})
    void anything_else_is_no_duration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @Test
    void the_units_are_what_they_say() {
        assertThat(Durations.parse("2d")).contains(Duration.ofDays(2));
        assertThat(Durations.parse("500ms")).contains(Duration.ofMillis(500));
    }

    @Test
    void it_is_printed_in_the_largest_unit_that_says_it_exactly() {
        assertThat(Durations.print(Duration.ofMinutes(2))).isEqualTo("2m");
        assertThat(Durations.print(Duration.ofSeconds(121))).isEqualTo("121s");
    }
}
