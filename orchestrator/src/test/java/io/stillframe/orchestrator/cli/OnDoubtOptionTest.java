package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.config.OnDoubt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class OnDoubtOptionTest {
    private final OnDoubtOption option = new OnDoubtOption();

    @Test
    void its_words_are_understood() {
        assertThat(option.convert("discard")).isEqualTo(OnDoubt.DISCARD);
        assertThat(option.convert("keep")).isEqualTo(new OnDoubt(0, OnDoubt.Then.KEEP_AS_CRASH));
        assertThat(option.convert("retry:1")).isEqualTo(new OnDoubt(1, OnDoubt.Then.DISCARD));
        assertThat(option.convert("retry:10")).isEqualTo(new OnDoubt(10, OnDoubt.Then.DISCARD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Keep", "retry", "retry:", "retry:0", "retry:11", "retry:-1", "retry:1s", "retry: 1"})
    void nothing_else_is(String text) {
        assertThatExceptionOfType(TypeConversionException.class)
                .isThrownBy(() -> option.convert(text))
                .withMessageContaining("retry:N");
    }
}
