package io.stillframe.orchestrator.policy;

import static io.stillframe.orchestrator.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Keep.Period;
import io.stillframe.config.Policy;
import io.stillframe.db.SnapshotState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {
    private static final Instant NOW = Instant.parse("2026-06-30T12:00:00Z");
    /** Each puts its clocks forward and back on other days than the others, the last one by half an hour. */
    private static final List<String> ZONES = List.of("Europe/Paris", "America/New_York", "Australia/Lord_Howe");

    @Test
    void the_newest_of_each_of_the_last_so_many_days_is_kept() {
        List<Moment> moments = List.of(
                own("a", "2026-06-30T10:00:00Z"),
                own("b", "2026-06-30T02:00:00Z"),
                own("c", "2026-06-29T02:00:00Z"),
                own("d", "2026-06-20T02:00:00Z"),
                own("e", "2026-06-19T02:00:00Z"));
        List<Judgement> judged = new Retention(keeping("daily: 3")).of(moments, NOW);
        assertThat(kept(judged)).containsExactly("a", "c", "d");
        assertThat(judged.get(1).because()).containsExactly("daily: a is newer in 2026-06-30");
        assertThat(judged.get(2).because()).containsExactly("daily 2 of 3: newest of 2026-06-29");
        assertThat(judged.get(4).because()).containsExactly("daily: 3 later");
    }

    @Test
    void one_reason_is_enough_and_all_are_told() {
        List<Judgement> judged = new Retention(keeping("last: 1, yearly: 2, within: 1h"))
                .of(List.of(own("a", "2026-06-30T11:30:00Z"), own("b", "2025-06-30T11:30:00Z")), NOW);
        assertThat(judged.get(0).because())
                .containsExactly(
                        "the machine's newest",
                        "the machine's newest consistent one",
                        "last 1 of 1",
                        "yearly 1 of 2: newest of 2026",
                        "within: since 2026-06-30T11:00:00Z");
        assertThat(judged.get(1).because()).containsExactly("yearly 2 of 2: newest of 2025");
    }

    @Test
    void what_somebody_else_took_is_neither_removed_nor_counted() {
        List<Moment> moments = List.of(
                new Moment("manual", NOW, Optional.empty(), SnapshotState.PRESENT, true, false),
                new Moment("weekly's", NOW.minusSeconds(1), Optional.of("weekly"), SnapshotState.PRESENT, true, false),
                own("a", "2026-06-29T02:00:00Z"),
                own("b", "2026-06-28T02:00:00Z"));
        List<Judgement> judged = new Retention(keeping("last: 1")).of(moments, NOW);
        assertThat(kept(judged)).containsExactly("manual", "weekly's", "a");
        assertThat(judged.get(0).because()).contains("taken by a person");
        assertThat(judged.get(1).because()).containsExactly("taken by policy weekly");
    }

    @Test
    void the_newest_and_the_newest_consistent_one_are_kept_whatever_the_rule() {
        List<Moment> moments = List.of(
                doubtful("a", "2026-06-05T00:00:00Z"),
                doubtful("b", "2026-06-04T00:00:00Z"),
                own("c", "2026-06-03T00:00:00Z"),
                own("d", "2026-06-02T00:00:00Z"));
        List<Judgement> judged = new Retention(keeping("within: 1h")).of(moments, NOW);
        assertThat(kept(judged)).containsExactly("a", "c");
        assertThat(judged.get(0).because()).containsExactly("the machine's newest");
        assertThat(judged.get(2).because()).containsExactly("the machine's newest consistent one");
    }

    @Test
    void what_is_lost_is_not_counted_and_goes_and_what_is_open_stays() {
        List<Moment> moments = List.of(
                in(SnapshotState.LOST, "a"),
                in(SnapshotState.REMOVING, "b"),
                own("c", "2026-06-03T00:00:00Z"),
                new Moment("d", at("2026-06-02T00:00:00Z"), Optional.of("p"), SnapshotState.PRESENT, true, true),
                own("e", "2026-06-01T00:00:00Z"));
        List<Judgement> judged = new Retention(keeping("last: 1")).of(moments, NOW);
        assertThat(kept(judged)).containsExactly("c", "d");
        assertThat(judged)
                .filteredOn(of -> of.moment().id().equals("a"))
                .singleElement()
                .satisfies(lost -> assertThat(lost.because()).containsExactly("its storage has lost it"));
    }

    @Test
    void a_policy_without_a_rule_keeps_all() {
        List<Moment> moments = List.of(own("a", "2026-06-05T00:00:00Z"), own("b", "2020-06-04T00:00:00Z"));
        assertThat(kept(new Retention(policy("schedule: \"@daily\"")).of(moments, NOW)))
                .containsExactly("a", "b");
    }

    /** On October 25 Paris has 2:30 twice, and New York a week later 1:30: two hours, but one day. */
    @ParameterizedTest
    @CsvSource({
        "Europe/Paris, 2026-10-25T00:30:00Z, 2026-10-25T01:30:00Z",
        "America/New_York, 2026-11-01T05:30:00Z, 2026-11-01T06:30:00Z"
    })
    void an_hour_that_comes_twice_is_two_hours_of_one_day(String zone, String first, String second) {
        List<Moment> moments = List.of(own("a", first), own("b", second));
        Instant later = at(second).plusSeconds(60);
        assertThat(kept(new Retention(keeping("hourly: 2", zone)).of(moments, later)))
                .containsExactly("b", "a");
        assertThat(kept(new Retention(keeping("daily: 2", zone)).of(moments, later)))
                .containsExactly("b");
    }

    /** Half an hour before midnight in Paris it is another day than in UTC, on either side of a change of the clocks. */
    @ParameterizedTest
    @ValueSource(
            strings = {"2026-03-28T23:30:00Z", "2026-03-29T22:30:00Z", "2026-10-24T22:30:00Z", "2026-10-25T23:30:00Z"})
    void a_day_is_the_zone_s(String afterMidnightInParis) {
        List<Moment> moments = List.of(
                own("a", afterMidnightInParis),
                own("b", at(afterMidnightInParis).minus(Duration.ofHours(1)).toString()));
        Instant later = at(afterMidnightInParis).plusSeconds(60);
        assertThat(kept(new Retention(keeping("daily: 2", "Europe/Paris")).of(moments, later)))
                .containsExactly("a", "b");
        assertThat(kept(new Retention(keeping("daily: 2", "UTC")).of(moments, later)))
                .containsExactly("a");
    }

    @Test
    void it_agrees_with_a_naive_reference_over_random_histories() {
        int removed = 0;
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            Policy policy = keeping(anyRule(random), ZONES.get(random.nextInt(ZONES.size())));
            List<Moment> history = history(random);
            Instant now = NOW.minus(Duration.ofHours(random.nextInt(500)));
            List<String> expected = new NaiveRetention(policy, history, now).removed();
            assertThat(removed(new Retention(policy).of(history, now)))
                    .as("seed %d, %s", seed, policy)
                    .containsExactlyInAnyOrderElementsOf(expected);
            removed += expected.size();
        }
        assertThat(removed).as("what it is all about").isGreaterThan(3000);
    }

    @Test
    void it_does_not_matter_whether_it_is_applied_after_every_snapshot_or_once() {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            Policy policy = keeping(anyRule(random), ZONES.get(random.nextInt(ZONES.size())));
            List<Moment> history = new ArrayList<>(history(random).stream()
                    .filter(moment -> moment.state() == SnapshotState.PRESENT && !moment.open() && moment.good())
                    .sorted(Moment.NEWEST_FIRST.reversed())
                    .toList());
            Retention retention = new Retention(policy);
            List<Moment> left = new ArrayList<>();
            for (Moment moment : history) {
                left.add(moment);
                List<String> gone = removed(retention.of(left, moment.takenAt()));
                left.removeIf(of -> gone.contains(of.id()));
            }
            List<String> now = removed(retention.of(left, NOW));
            left.removeIf(of -> now.contains(of.id()));
            assertThat(left.stream().map(Moment::id))
                    .as("seed %d, %s", seed, policy)
                    .containsExactlyInAnyOrderElementsOf(kept(retention.of(history, NOW)));
        }
    }

    @Test
    void a_forecast_takes_the_runs_into_account_that_are_due_until_then() {
        Policy policy = policy("schedule: \"0 2 * * *\"", "keep: { last: 2, weekly: 3 }");
        List<Moment> moments = List.of(own("a", "2026-06-30T02:00:00Z"), own("b", "2026-06-28T02:00:00Z"));
        Forecast forecast = new Forecast(policy);
        assertThat(kept(forecast.of(moments, NOW, NOW).orElseThrow())).containsExactly("a", "b");
        assertThat(kept(forecast.of(moments, NOW, at("2026-07-06T12:00:00Z")).orElseThrow()))
                .containsExactly("expected at 2026-07-06T02:00:00Z", "expected at 2026-07-05T02:00:00Z", "b");
        assertThat(kept(forecast.of(moments, NOW, at("2026-08-03T01:00:00Z")).orElseThrow()))
                .hasSize(4)
                .allMatch(id -> id.startsWith("expected"));
    }

    @Test
    void a_forecast_of_more_runs_than_can_be_looked_at_is_none() {
        Policy policy = policy("schedule: { every: 1m }", "keep: { last: 2 }");
        assertThat(new Forecast(policy).of(List.of(), NOW, NOW.plus(Duration.ofDays(60))))
                .isPresent();
        assertThat(new Forecast(policy).of(List.of(), NOW, NOW.plus(Duration.ofDays(90))))
                .isEmpty();
    }

    private static List<String> kept(List<Judgement> judged) {
        return judged.stream()
                .filter(Judgement::kept)
                .map(of -> of.moment().id())
                .toList();
    }

    private static List<String> removed(List<Judgement> judged) {
        assertThat(judged).allSatisfy(of -> assertThat(of.because()).isNotEmpty());
        return judged.stream()
                .filter(of -> !of.kept())
                .map(of -> of.moment().id())
                .toList();
    }

    private static Policy keeping(String rule) {
        return keeping(rule, "UTC");
    }

    private static Policy keeping(String rule, String zone) {
        return policy("schedule: \"@daily\"", "zone: " + zone, "keep: { " + rule + " }");
    }

    private static String anyRule(Random random) {
        String periods = Stream.of(Period.values())
                .filter(period -> random.nextInt(3) == 0)
                .map(period -> ", %s: %d".formatted(period.label(), random.nextInt(6)))
                .collect(Collectors.joining());
        String within = random.nextInt(3) == 0 ? ", within: %dh".formatted(1 + random.nextInt(100)) : "";
        return "last: " + (1 + random.nextInt(4)) + periods + within;
    }

    /** Some close together, some far apart, over up to a few years before now; a few at the very same time. */
    private static List<Moment> history(Random random) {
        long spread = Duration.ofHours(1L << random.nextInt(15)).toMinutes();
        return IntStream.range(0, random.nextInt(60))
                .mapToObj(i -> new Moment(
                        "%04d".formatted(i),
                        NOW.minus(Duration.ofMinutes(random.nextLong(spread) / 30 * 30)),
                        random.nextInt(8) == 0
                                ? Optional.of("q")
                                : Optional.of("p").filter(p -> random.nextInt(8) > 0),
                        random.nextInt(8) == 0
                                ? List.of(SnapshotState.values()).get(random.nextInt(3))
                                : SnapshotState.PRESENT,
                        random.nextInt(4) > 0,
                        random.nextInt(15) == 0))
                .toList();
    }

    private static Moment own(String id, String at) {
        return new Moment(id, at(at), Optional.of("p"), SnapshotState.PRESENT, true, false);
    }

    private static Moment doubtful(String id, String at) {
        return new Moment(id, at(at), Optional.of("p"), SnapshotState.PRESENT, false, false);
    }

    private static Moment in(SnapshotState state, String id) {
        return new Moment(id, NOW, Optional.of("p"), state, true, false);
    }

    private static Instant at(String time) {
        return Instant.parse(time);
    }
}
