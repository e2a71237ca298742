package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronTest {
    /** A Friday. */
    private static final LocalDate THE_13TH = LocalDate.of(2026, 3, 13);

    @Test
    void the_times_of_a_day_are_all_hours_with_all_minutes_in_order() {
        assertThat(cron("*/30 8-9,22 * * *").times())
                .extracting(LocalTime::toString)
                .containsExactly("08:00", "08:30", "09:00", "09:30", "22:00", "22:30");
        assertThat(cron("* * * * *").times()).hasSize(1440);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 0 * * *",
                "0 0 13 * *",
                "0 0 * 3 *",
                "0 0 * mar fri",
                "0 0 * * 5",
                "0 0 10-15 * *",
                "0 0 1-31/3 * *",
                // either day will do where both are named
                "0 0 13 * mon",
                "0 0 1 * fri",
                // and both have to where one begins with a star
                "0 0 */3 * fri"
            })
    void the_day_is_one_of_them(String cron) {
        assertThat(cron(cron).includes(THE_13TH)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 0 14 * *",
                "0 0 * 4 *",
                "0 0 * * sat",
                "0 0 * * sun",
                "0 0 13 4 fri",
                "0 0 */2 * mon",
                "0 0 */5 * fri",
                "@weekly",
                "@monthly",
                "@yearly"
            })
    void the_day_is_none_of_them(String cron) {
        assertThat(cron(cron).includes(THE_13TH)).isFalse();
    }

    @Test
    void sunday_is_0_and_7() {
        LocalDate sunday = THE_13TH.plusDays(2);
        for (String cron : List.of("0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * 5-7", "@weekly")) {
            assertThat(cron(cron).includes(sunday)).as(cron).isTrue();
            assertThat(cron(cron).includes(sunday.plusDays(1))).as(cron).isFalse();
        }
    }

    @Test
    void what_comes_in_every_hour_tells_the_hours() {
        assertThat(cron("7 * * * *").everyHour()).isTrue();
        assertThat(cron("@hourly").everyHour()).isTrue();
        assertThat(cron("7 0-22 * * *").everyHour()).isFalse();
    }

    @Test
    void it_is_printed_as_it_was_written() {
        assertThat(cron("@daily")).hasToString("@daily");
        assertThat(cron("@daily")).isEqualTo(cron("@daily")).isNotEqualTo(cron("0 0 * * *"));
    }

    private static Cron cron(String text) {
        return Cron.parse(text, (wrong, right) -> fail(text + " " + wrong)).orElseThrow();
    }
}
