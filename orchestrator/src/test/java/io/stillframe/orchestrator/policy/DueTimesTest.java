package io.stillframe.orchestrator.policy;

import static io.stillframe.orchestrator.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DueTimesTest {
    /** In 2026 Paris puts its clocks forward on March 29 at 2:00 and back on October 25 at 3:00. */
    private static final String PARIS = "Europe/Paris";
    /** Lord Howe moves its clocks by half an hour only: back on April 5 at 2:00, forward on October 4 at 2:00. */
    private static final String LORD_HOWE = "Australia/Lord_Howe";

    @Test
    void a_time_is_after_the_moment_and_never_that_moment() {
        Instant two = Instant.parse("2026-06-01T02:00:00Z");
        DueTimes daily = times("UTC", "\"0 2 * * *\"");
        assertThat(daily.after(two.minusMillis(1))).contains(two);
        assertThat(daily.after(two)).contains(two.plus(Duration.ofDays(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {PARIS, LORD_HOWE, "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia"})
    void a_daily_run_comes_once_on_each_day_of_twenty_years_whatever_the_clocks_do(String zone) {
        for (String time : List.of("0 0", "30 1", "0 2", "15 2", "30 2", "59 23")) {
            List<ZonedDateTime> due = times(zone, "\"%s * * *\"".formatted(time))
                    .from(Instant.parse("2010-01-10T12:00:00Z"))
                    .limit(20 * 365)
                    .map(at -> at.atZone(ZoneId.of(zone)))
                    .toList();
            assertThat(due.stream().map(ZonedDateTime::toLocalDate).distinct()).hasSameSizeAs(due);
            // in 2011 Samoa had no December 30
            int missing = zone.equals("Pacific/Apia") ? 1 : 0;
            assertThat(ChronoUnit.DAYS.between(
                            due.get(0).toLocalDate(), last(due).toLocalDate()))
                    .as(zone + " " + time)
                    .isEqualTo(due.size() - 1 + missing);
            assertThat(due).isSorted();
        }
    }

    @Test
    void a_time_that_does_not_exist_is_taken_as_much_later_as_the_clocks_were_put_forward() {
        assertThat(due(PARIS, "\"30 2 * * *\"", "2026-03-28T12:00:00Z", 2))
                .containsExactly("2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00");
        assertThat(due(LORD_HOWE, "\"15 2 * * *\"", "2026-10-03T00:00:00Z", 2))
                .containsExactly("2026-10-04T02:45+11:00", "2026-10-05T02:15+11:00");
    }

    @Test
    void a_time_that_exists_twice_is_taken_once() {
        assertThat(due(PARIS, "\"30 2 * * *\"", "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
        assertThat(due(LORD_HOWE, "\"45 1 * * *\"", "2026-04-04T00:00:00Z", 2))
                .containsExactly("2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30");
    }

    @ParameterizedTest
    @CsvSource({"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"})
    void an_hourly_run_comes_every_hour_whatever_the_clocks_do(String from) {
        List<Instant> due =
                times(PARIS, "\"@hourly\"").from(Instant.parse(from)).limit(48).toList();
        for (int i = 1; i < due.size(); i++) {
            assertThat(Duration.between(due.get(i - 1), due.get(i))).isEqualTo(Duration.ofHours(1));
        }
    }

    @Test
    void a_period_does_not_look_at_the_clocks_and_not_at_the_start_of_the_program() {
        DueTimes times = times(PARIS, "{ every: 15m }");
        assertThat(times.after(Instant.parse("2026-03-29T00:59:59.999Z")))
                .contains(Instant.parse("2026-03-29T01:00:00Z"));
        assertThat(times.from(Instant.parse("2026-03-29T00:07:00Z")).limit(6))
                .extracting(Instant::toString)
                .containsExactly(
                        "2026-03-29T00:15:00Z",
                        "2026-03-29T00:30:00Z",
                        "2026-03-29T00:45:00Z",
                        "2026-03-29T01:00:00Z",
                        "2026-03-29T01:15:00Z",
                        "2026-03-29T01:30:00Z");
    }

    @Test
    void what_several_schedules_name_together_is_due_once() {
        assertThat(due("UTC", "[\"0 2 * * *\", \"@daily\", \"0 2,4 * * *\"]", "2026-06-01T00:00:00Z", 4))
                .containsExactly("2026-06-01T02:00Z", "2026-06-01T04:00Z", "2026-06-02T00:00Z", "2026-06-02T02:00Z");
    }

    @Test
    void a_rare_day_is_found_and_one_that_never_comes_is_none() {
        assertThat(due("UTC", "\"0 0 29 2 *\"", "2096-03-01T00:00:00Z", 1)).containsExactly("2104-02-29T00:00Z");
        assertThat(due("UTC", "\"0 0 31 * *\"", "2026-01-31T00:00:00Z", 2))
                .containsExactly("2026-03-31T00:00Z", "2026-05-31T00:00Z");
    }

    /** Against the simplest thing that could be right: look at every minute's clock. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/20 8-17,22 * * mon-fri",
                "7 * * * *",
                "0 0 1,15 * fri",
                "30 23 */2 jan-apr *",
                "5 3,4 * * *",
                "*/7 * * * *"
            })
    void it_agrees_with_a_look_at_every_minute_s_clock(String cron) {
        ZoneId zone = ZoneId.of(PARIS);
        Instant begin = Instant.parse("2026-03-20T00:00:00Z");
        Instant end = Instant.parse("2026-04-20T00:00:00Z");
        List<Instant> looked = Stream.iterate(begin, at -> at.isBefore(end), at -> at.plusSeconds(60))
                .filter(at -> NaiveCron.fits(cron, at.atZone(zone)))
                .toList();
        assertThat(looked).isNotEmpty();
        assertThat(times(PARIS, "\"" + cron + "\"").from(begin.minusMillis(1)).takeWhile(at -> at.isBefore(end)))
                .containsExactlyElementsOf(looked);
    }

    @Test
    void every_minute_of_a_day_is_due() {
        assertThat(times("UTC", "\"* * * * *\"")
                        .from(Instant.parse("2026-06-01T00:00:00Z"))
                        .limit(1440))
                .extracting(at -> LocalTime.ofInstant(at, ZoneId.of("UTC")))
                .doesNotHaveDuplicates();
    }

    private static ZonedDateTime last(List<ZonedDateTime> times) {
        return times.get(times.size() - 1);
    }

    private static List<String> due(String zone, String schedule, String after, int count) {
        return times(zone, schedule)
                .from(Instant.parse(after))
                .limit(count)
                .map(at -> at.atZone(ZoneId.of(zone)).toOffsetDateTime().toString())
                .toList();
    }

    private static DueTimes times(String zone, String schedule) {
        return new DueTimes(policy("schedule: " + schedule, "zone: " + zone).timetable());
    }
}
