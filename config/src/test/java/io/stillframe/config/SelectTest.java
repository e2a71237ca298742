package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelectTest {
    private final Select select = new Select(
            List.of(new Glob("web-*"), new Glob("db01")), Set.of("prod", "gold"), List.of(new Glob("*-test")));

    @Test
    void a_name_or_a_tag_is_enough() {
        assertThat(select.includes("web-1", List.of())).isTrue();
        assertThat(select.includes("mail", List.of("old", "gold"))).isTrue();
        assertThat(select.includes("mail", List.of("old"))).isFalse();
        assertThat(select.includes("db02", List.of())).isFalse();
    }

    @Test
    void who_is_excluded_is_left_out_whatever_speaks_for_it() {
        assertThat(select.includes("web-test", List.of("prod"))).isFalse();
    }
}
