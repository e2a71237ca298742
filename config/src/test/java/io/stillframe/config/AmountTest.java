package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmountTest {
    @ParameterizedTest
    @ValueSource(strings = {"1%", "20%", "100%", "512MiB", "0B"})
    void what_is_printed_is_what_was_written(String text) {
        assertThat(Amount.parse(text).map(Amount::toString)).contains(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "0%", "101%", "-1%", "2.5%", "20 %", "20", "20%%", "9999%"})
    void anything_else_is_no_part_of_anything(String text) {
        assertThat(Amount.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "20%, 1000, 200",
        "20%, 1001, 201",
        "1%, 1, 1",
        "100%, 9223372036854775807, 9223372036854775807",
        "3kB, 7, 3000"
    })
    void a_percentage_is_of_the_whole_rounded_up_and_bytes_are_what_they_are(String text, long whole, long part) {
        assertThat(Amount.parse(text).orElseThrow().of(whole)).isEqualTo(part);
    }

    @Test
    void nothing_is_no_space_for_a_snapshot() {
        assertThatThrownBy(() -> new Space(new ByteSize(0), new Percent(80), new Percent(95)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Percent(0)).hasMessage("a percentage is 0%, not 1% to 100%");
    }
}
