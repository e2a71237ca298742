package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnDoubtTest {
    @Test
    void its_words_are_understood() {
        assertThat(OnDoubt.parse("discard")).contains(OnDoubt.DISCARD);
        assertThat(OnDoubt.parse("keep")).contains(OnDoubt.KEEP);
        assertThat(OnDoubt.parse("retry:1")).contains(new OnDoubt(OnDoubt.Action.DISCARD, 1));
        assertThat(OnDoubt.parse("retry:10")).contains(new OnDoubt(OnDoubt.Action.DISCARD, 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Keep", "retry", "retry:", "retry:0", "retry:11", "retry:-1", "retry:1s", "retry: 1"})
    void nothing_else_is(String text) {
        assertThat(OnDoubt.parse(text)).isEmpty();
    }
}
