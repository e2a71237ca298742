package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunIdTest {
    @Test
    void random_ids_use_the_whole_alphabet_and_nothing_else() {
        Random random = new Random(1);
        String all =
                Stream.generate(() -> RunId.random(random).value()).limit(1000).reduce("", String::concat);
        assertThat(all.chars().distinct().count()).isEqualTo(32);
    }

    @Test
    void the_label_is_what_every_effect_is_called() {
        assertThat(new RunId("0123456789ab").label()).isEqualTo("sf-0123456789ab");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0123456789a",
                "0123456789abc",
                "0123456789aB",
                "0123456789al",
                "../../../etc",
                "0123456789a\n"
            })
    void nothing_else_is_an_id(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new RunId(text));
    }
}
