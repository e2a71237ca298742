package io.stillframe.orchestrator.schedule;

import static io.stillframe.orchestrator.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Policy;
import io.stillframe.db.ScheduleDatabase;
import io.stillframe.orchestrator.policy.DueTimes;
import io.stillframe.orchestrator.policy.Jitter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On a clock of the test's own, in the past: to Quartz everything is due at once, so that weeks pass in a moment. */
class ScheduleTest {
    private static final Instant START = Instant.parse("2026-03-27T12:00:00Z");

    @TempDir
    private Path directory;

    private final BlockingQueue<Instant> begun = new LinkedBlockingQueue<>();

    /** The clocks of each zone are put forward or back in the time that is looked at. */
    @ParameterizedTest
    @CsvSource({
        "Europe/Paris, 2026-03-27T12:00:00Z, 30 2 * * *",
        "Europe/Paris, 2026-10-23T12:00:00Z, 30 2 * * *",
        "America/New_York, 2026-03-06T12:00:00Z, 30 2 * * *",
        "America/New_York, 2026-10-30T12:00:00Z, 30 1 * * *",
        "Australia/Lord_Howe, 2026-04-03T12:00:00Z, 45 1 * * *",
        "Australia/Lord_Howe, 2026-10-02T12:00:00Z, 15 2 * * *",
        "Europe/Paris, 2026-10-24T20:00:00Z, 0 * * * *"
    })
    void a_run_begins_at_each_time_that_is_due_and_at_no_other(String zone, Instant from, String cron)
            throws Exception {
        Policy policy = policy("schedule: \"" + cron + "\"", "zone: " + zone);
        try (Schedule schedule = open(from, (any, due) -> begun.add(due))) {
            schedule.follow(Map.of("p", policy));
            schedule.start();
            List<Instant> due =
                    new DueTimes(policy.timetable()).from(from).limit(8).toList();
            for (Instant at : due) {
                assertThat(next()).isEqualTo(at);
            }
        }
    }

    /** Over the time that is due each zone's clocks are put forward or back, Lord Howe's by half an hour. */
    @ParameterizedTest
    @CsvSource({
        "Europe/Paris, 2026-03-27T12:00:00Z, 30 2 * * *",
        "Europe/Paris, 2026-10-23T12:00:00Z, 30 2 * * *",
        "America/New_York, 2026-03-06T12:00:00Z, 30 2 * * *",
        "America/New_York, 2026-10-30T12:00:00Z, 30 1 * * *",
        "Australia/Lord_Howe, 2026-10-02T00:00:00Z, 15 2 * * *",
        "Australia/Lord_Howe, 2026-04-03T00:00:00Z, 45 1 * * *"
    })
    void a_daily_run_begins_on_each_day_and_on_each_day_once(String zone, Instant from, String cron) throws Exception {
        Map<String, Policy> daily = Map.of("p", policy("schedule: \"" + cron + "\"", "zone: " + zone));
        try (Schedule schedule = open(from, (any, due) -> begun.add(due))) {
            schedule.follow(daily);
            schedule.start();
            List<LocalDate> days = new ArrayList<>();
            for (int day = 0; day < 8; day++) {
                days.add(next().atZone(ZoneId.of(zone)).toLocalDate());
            }
            LocalDate first = days.get(0);
            assertThat(days)
                    .containsExactlyElementsOf(
                            first.datesUntil(first.plusDays(8)).toList());
        }
    }

    @Test
    void what_is_due_and_does_not_begin_though_nothing_goes_on_shows_that_it_is_stuck() {
        // so far ahead that to Quartz, which has a clock of its own, nothing is due
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2126-03-27T12:00:00Z"));
        Clock clock = told(now);
        ScheduleDatabase database = ScheduleDatabase.open(directory, Schedule.tables(), now.get());
        try (Schedule schedule = Schedule.open(database, clock, (any, due) -> true)) {
            schedule.follow(Map.of("p", policy("schedule: \"@daily\"")));
            assertThat(schedule.isAlive(Duration.ofMinutes(1)))
                    .as("not yet started")
                    .isFalse();
            schedule.start();
            now.set(Instant.parse("2126-03-28T00:00:59Z"));
            assertThat(schedule.isAlive(Duration.ofMinutes(1))).isTrue();
            now.set(Instant.parse("2126-03-28T00:01:01Z"));
            assertThat(schedule.isAlive(Duration.ofMinutes(1))).isFalse();
        }
    }

    @Test
    void a_run_that_takes_its_time_is_no_sign_that_it_is_stuck() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<Instant> now = new AtomicReference<>(START);
        ScheduleDatabase database = ScheduleDatabase.open(directory, Schedule.tables(), START);
        try (Schedule schedule = Schedule.open(database, told(now), (any, due) -> {
            begun.add(due);
            await(goOn);
            return true;
        })) {
            schedule.follow(Map.of("p", policy("schedule: \"@daily\"")));
            schedule.start();
            next();
            now.set(START.plus(Duration.ofDays(9)));
            assertThat(schedule.isAlive(Duration.ofMinutes(1))).isTrue();
            schedule.rest();
            assertThat(schedule.isIdle()).isFalse();
            assertThat(schedule.isAlive(Duration.ofMinutes(1)))
                    .as("it is waited for, and nothing else begins")
                    .isTrue();
            schedule.follow(Map.of());
            goOn.countDown();
        }
    }

    /** A clock that stands where a test says. */
    private static Clock told(AtomicReference<Instant> now) {
        InstantSource source = now::get;
        return source.withZone(ZoneOffset.UTC);
    }

    @Test
    void a_run_is_put_off_by_the_jitter_of_its_time() {
        Policy policy = policy("schedule: \"@daily\"", "jitter: 1h");
        try (Schedule schedule = open(START, (any, due) -> true)) {
            schedule.follow(Map.of("p", policy));
            Instant due = Instant.parse("2026-03-28T00:00:00Z");
            assertThat(schedule.begins("p")).contains(Jitter.begin(policy, due));
            assertThat(schedule.begins("p").get()).isBetween(due, due.plus(Duration.ofHours(1)));
        }
    }

    @Test
    void what_was_missed_while_nobody_was_there_is_caught_up_once() throws Exception {
        Map<String, Policy> hourly = Map.of("p", policy("schedule: \"@hourly\""));
        try (Schedule schedule = open(START, (any, due) -> true)) {
            schedule.follow(hourly);
        }
        Instant later = START.plus(Duration.ofDays(3)).plusSeconds(60);
        try (Schedule schedule = open(later, (any, due) -> begun.add(due))) {
            schedule.follow(hourly);
            schedule.start();
            assertThat(next()).as("the first one that was missed").isEqualTo(START.plus(Duration.ofHours(1)));
            assertThat(next()).as("and then what comes").isEqualTo(START.plus(Duration.ofHours(73)));
        }
    }

    @Test
    void a_restart_does_not_put_off_what_is_not_yet_due() {
        Map<String, Policy> daily = Map.of("p", policy("schedule: \"@daily\""));
        Instant due = Instant.parse("2026-03-28T00:00:00Z");
        for (Instant now : List.of(START, START.plusSeconds(3600))) {
            try (Schedule schedule = open(now, (any, at) -> true)) {
                schedule.follow(daily);
                assertThat(schedule.begins("p")).contains(due);
            }
        }
    }

    @Test
    void a_timetable_that_changed_begins_anew_and_a_policy_that_is_gone_is_not_run() {
        try (Schedule schedule = open(START, (any, due) -> true)) {
            schedule.follow(Map.of("p", policy("schedule: \"@daily\"")));
            schedule.follow(Map.of("p", policy("schedule: \"0 3 * * *\"")));
            assertThat(schedule.begins("p")).contains(Instant.parse("2026-03-28T03:00:00Z"));
            schedule.follow(Map.of("p", policy("schedule: \"0 3 * * *\"", "keep: { last: 1 }")));
            assertThat(schedule.begins("p")).contains(Instant.parse("2026-03-28T03:00:00Z"));
            schedule.follow(Map.of());
            assertThat(schedule.begins("p")).isEmpty();
        }
    }

    @Test
    void a_run_that_goes_on_keeps_others_waiting_and_none_is_lost() throws Exception {
        AtomicInteger together = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        BlockingQueue<String> names = new LinkedBlockingQueue<>();
        try (Schedule schedule = open(START, (policy, due) -> {
            most.accumulateAndGet(together.incrementAndGet(), Math::max);
            names.add(policy.name() + " " + due);
            together.decrementAndGet();
            return true;
        })) {
            Policy daily = policy("schedule: \"@daily\"");
            schedule.follow(Map.of(
                    "p",
                    daily,
                    "q",
                    new Policy(
                            "q", daily.select(), daily.timetable(), daily.keep(), daily.demands(), daily.grouping())));
            schedule.start();
            List<String> first = List.of(
                    "p 2026-03-28T00:00:00Z",
                    "q 2026-03-28T00:00:00Z",
                    "p 2026-03-29T00:00:00Z",
                    "q 2026-03-29T00:00:00Z");
            List<String> seen = new ArrayList<>();
            while (!seen.containsAll(first)) {
                String name = names.poll(60, TimeUnit.SECONDS);
                assertThat(name).as("another run after " + seen).isNotNull();
                seen.add(name);
            }
            assertThat(most).hasValue(1);
        }
    }

    @Test
    void a_run_that_breaks_does_not_keep_the_next_one_from_coming() throws Exception {
        try (Schedule schedule = open(START, (any, due) -> {
            begun.add(due);
            throw new IllegalStateException("a run that breaks");
        })) {
            schedule.follow(Map.of("p", policy("schedule: \"@daily\"")));
            schedule.start();
            assertThat(List.of(next(), next()))
                    .containsExactly(Instant.parse("2026-03-28T00:00:00Z"), Instant.parse("2026-03-29T00:00:00Z"));
        }
    }

    @Test
    void a_policy_that_is_changed_while_it_runs_goes_on() throws Exception {
        AtomicReference<Schedule> opened = new AtomicReference<>();
        Policy changed = policy("schedule: \"@daily\"", "keep: { last: 1 }");
        BlockingQueue<Policy> run = new LinkedBlockingQueue<>();
        try (Schedule schedule = open(START, (policy, due) -> {
            opened.get().follow(Map.of("p", changed));
            return run.add(policy);
        })) {
            opened.set(schedule);
            schedule.follow(Map.of("p", policy("schedule: \"@daily\"")));
            schedule.start();
            assertThat(run.poll(60, TimeUnit.SECONDS)).isNotEqualTo(changed);
            assertThat(run.poll(60, TimeUnit.SECONDS)).isEqualTo(changed);
        }
    }

    @Test
    void what_did_not_come_to_its_turn_before_the_end_is_caught_up() throws Exception {
        Map<String, Policy> daily = Map.of("p", policy("schedule: \"@daily\""));
        AtomicReference<Schedule> opened = new AtomicReference<>();
        try (Schedule schedule = open(START, (any, due) -> {
            opened.get().rest();
            begun.add(due);
            return false;
        })) {
            opened.set(schedule);
            schedule.follow(daily);
            schedule.start();
            assertThat(next()).isEqualTo(Instant.parse("2026-03-28T00:00:00Z"));
        }
        try (Schedule schedule = open(START, (any, due) -> begun.add(due))) {
            schedule.follow(daily);
            schedule.start();
            assertThat(next()).isEqualTo(Instant.parse("2026-03-28T00:00:00Z"));
            assertThat(next()).isEqualTo(Instant.parse("2026-03-29T00:00:00Z"));
        }
    }

    /** As a death right after it fired leaves it, or a program that did not know its job. */
    @ParameterizedTest
    @ValueSource(strings = {"COMPLETE", "ERROR"})
    void what_fired_without_a_run_fires_again(String state) throws Exception {
        Map<String, Policy> daily = Map.of("p", policy("schedule: \"@daily\""));
        ScheduleDatabase database = ScheduleDatabase.open(directory, Schedule.tables(), START);
        try (Schedule schedule = Schedule.open(database, Clock.fixed(START, ZoneOffset.UTC), (any, due) -> true)) {
            schedule.follow(daily);
            try (Connection connection = (Connection) database.connection();
                    Statement statement = connection.createStatement()) {
                assertThat(statement.executeUpdate("UPDATE qrtz_triggers SET trigger_state = '%s'".formatted(state)))
                        .isOne();
            }
        }
        try (Schedule schedule = open(START, (any, due) -> begun.add(due))) {
            schedule.follow(daily);
            schedule.start();
            assertThat(next()).isEqualTo(Instant.parse("2026-03-28T00:00:00Z"));
        }
    }

    @Test
    void what_was_planned_by_a_clock_that_was_ahead_is_planned_anew() {
        Map<String, Policy> daily = Map.of("p", policy("schedule: \"@daily\""));
        try (Schedule schedule = open(Instant.parse("2037-01-01T12:00:00Z"), (any, due) -> true)) {
            schedule.follow(daily);
        }
        try (Schedule schedule = open(START, (any, due) -> true)) {
            schedule.follow(daily);
            assertThat(schedule.begins("p")).contains(Instant.parse("2026-03-28T00:00:00Z"));
        }
    }

    @Test
    void closing_waits_for_the_run_that_goes_on() throws Exception {
        CountDownLatch begins = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        Schedule schedule = open(START, (any, due) -> {
            begins.countDown();
            await(mayEnd);
            ended.incrementAndGet();
            return true;
        });
        schedule.follow(Map.of("p", policy("schedule: \"@daily\"")));
        schedule.start();
        await(begins);
        Thread closing = new Thread(schedule::close);
        closing.start();
        mayEnd.countDown();
        closing.join();
        assertThat(ended.get()).isPositive();
    }

    private Instant next() throws InterruptedException {
        Instant due = begun.poll(60, TimeUnit.SECONDS);
        assertThat(due).as("a run begins").isNotNull();
        return due;
    }

    private Schedule open(Instant now, Schedule.Runs runs) {
        return Schedule.open(
                ScheduleDatabase.open(directory, Schedule.tables(), now), Clock.fixed(now, ZoneOffset.UTC), runs);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
