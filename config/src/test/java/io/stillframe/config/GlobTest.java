package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "db01, db01",
        "*, anything",
        "*, ''",
        "web-*, web-",
        "web-*, web-17",
        "*-test, db-test",
        "w?b, web",
        "*a*b*, xxaxxbxx",
        "a*a*a, aaa",
        "?*, x",
        "[a].+, [a].+",
        "**, x"
    })
    void a_name_fits(String pattern, String name) {
        assertThat(new Glob(pattern).matches(name)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "db01, db011",
        "db01, DB01",
        "web-*, web",
        "*-test, test",
        "w?b, wb",
        "w?b, weeb",
        "a*a*a, aa",
        "?, ''",
        "'', x",
        "*a*b*, ba"
    })
    void a_name_does_not_fit(String pattern, String name) {
        assertThat(new Glob(pattern).matches(name)).isFalse();
    }

    @Test
    void many_stars_take_no_longer_than_few() {
        assertThat(new Glob("*a".repeat(500) + "b").matches("a".repeat(20_000))).isFalse();
    }
}
