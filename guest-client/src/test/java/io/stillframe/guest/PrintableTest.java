package io.stillframe.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void ordinary_text_of_any_script_stays_as_it_is() {
        assertThat(Printable.of("vm 'März' 数据 🦊: can't")).isEqualTo("vm 'März' 数据 🦊: can't");
        assertThat(Printable.of(null)).isEmpty();
    }

    @Test
    void nothing_that_steers_a_terminal_or_a_log_gets_through() {
        assertThat(Printable.of("a\r\nb\u001b[31m\u009b\u2028\u202e\u0000\ud800"))
                .isEqualTo("a??b?[31m?????");
    }

    @Test
    void the_length_counts_characters_and_never_halves_one() {
        assertThat(Printable.of("🦊".repeat(1000))).isEqualTo("🦊".repeat(Printable.MAX_LENGTH));
    }
}
