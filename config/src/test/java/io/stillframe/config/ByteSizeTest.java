package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @ValueSource(strings = {"512MiB", "1GiB", "10GB", "0B", "1B", "3kB", "4KiB", "7TiB", "999999TB"})
    void what_is_printed_is_what_was_written(String text) {
        assertThat(ByteSize.parse(text).map(ByteSize::toString)).contains(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "1 GiB", "GiB", "-1B", "1.5GiB", "1gib", "1G", "1000000B", "1PiB", "1GiB\n"})
    void anything_else_is_no_size(String text) {
        assertThat(ByteSize.parse(text)).isEmpty();
    }

    @Test
    void binary_and_decimal_units_differ() {
        assertThat(ByteSize.parse("1GiB")).contains(new ByteSize(1_073_741_824));
        assertThat(ByteSize.parse("1GB")).contains(new ByteSize(1_000_000_000));
    }

    @Test
    void there_is_no_negative_size() {
        assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
