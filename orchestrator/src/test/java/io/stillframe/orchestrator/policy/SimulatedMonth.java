package io.stillframe.orchestrator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Keep.Period;
import io.stillframe.config.Policy;
import io.stillframe.db.SnapshotState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One machine for a month under a policy p that is drawn by a seed. Runs fail or bring a crash snapshot; a person and
 * another policy take theirs; snapshots are open for a while; a removal fails, or is cut short and settled before the next
 * run. Each run's retention is held to the naive reference.
 */
final class SimulatedMonth {
    private static final Duration LENGTH = Duration.ofDays(30);
    private static final List<String> SCHEDULES =
            List.of("\"30 2 * * *\"", "\"15 1,2,14 * * *\"", "{ every: 4h }", "[\"0 */3 * * *\", \"30 2 * * sun\"]");

    private final Policy policy;
    private final Instant begin;
    private final Random random;
    private final Map<String, Moment> there = new LinkedHashMap<>();
    private final List<Moment> everTaken = new ArrayList<>();
    private boolean losses;
    private Instant now;
    private int runs;
    private int removed;
    private int failed;
    private int wasOpen;
    private int lost;

    SimulatedMonth(String zone, Instant begin, long seed) {
        this.random = new Random(seed);
        this.begin = begin;
        this.now = begin;
        this.policy = Policies.policy(
                "schedule: " + SCHEDULES.get(random.nextInt(SCHEDULES.size())),
                "zone: " + zone,
                "jitter: 10m",
                "keep: { " + rule() + " }");
    }

    /** The storage loses a snapshot now and then. */
    SimulatedMonth withLosses() {
        losses = true;
        return this;
    }

    private String rule() {
        String periods = Stream.of(Period.values())
                .filter(period -> random.nextInt(2) == 0)
                .map(period -> ", %s: %d".formatted(period.label(), random.nextInt(7)))
                .collect(Collectors.joining());
        String within = random.nextInt(3) == 0 ? ", within: %dh".formatted(1 + random.nextInt(80)) : "";
        return "last: " + (1 + random.nextInt(3)) + periods + within;
    }

    void pass() {
        new DueTimes(policy.timetable())
                .from(begin)
                .takeWhile(due -> due.isBefore(begin.plus(LENGTH)))
                .map(due -> Jitter.begin(policy, due))
                .sorted()
                .forEach(this::run);
    }

    private void run(Instant at) {
        between(at);
        now = at;
        runs++;
        settleRemovals();
        if (random.nextInt(12) > 0) {
            take(Optional.of(policy.name()), now, random.nextInt(6) > 0);
            retain();
        }
    }

    /** What happens until the next run. */
    private void between(Instant next) {
        long millis = Duration.between(now, next).toMillis();
        if (random.nextInt(15) == 0) {
            take(Optional.empty(), now.plusMillis(random.nextLong(1, millis)), random.nextInt(3) > 0);
        }
        if (random.nextInt(15) == 0) {
            take(Optional.of("other"), now.plusMillis(random.nextLong(1, millis)), random.nextInt(3) > 0);
        }
        there.values().stream().filter(Moment::open).toList().forEach(open -> {
            if (random.nextInt(4) == 0) {
                change(open, open.state(), false);
            }
        });
        List<Moment> present = there.values().stream().filter(Moment::isPresent).toList();
        if (!present.isEmpty() && random.nextInt(10) == 0) {
            change(present.get(random.nextInt(present.size())), SnapshotState.PRESENT, true);
            wasOpen++;
        } else if (!present.isEmpty() && losses && random.nextInt(20) == 0) {
            change(present.get(random.nextInt(present.size())), SnapshotState.LOST, false);
            lost++;
        }
    }

    private void change(Moment moment, SnapshotState state, boolean open) {
        there.put(moment.id(), new Moment(moment.id(), moment.takenAt(), moment.policy(), state, moment.good(), open));
    }

    private void take(Optional<String> by, Instant at, boolean good) {
        Moment taken = new Moment("sf-%04d".formatted(everTaken.size()), at, by, SnapshotState.PRESENT, good, false);
        everTaken.add(taken);
        there.put(taken.id(), taken);
    }

    private void retain() {
        List<Moment> before = List.copyOf(there.values());
        List<String> gone = new Retention(policy)
                .of(before, now).stream()
                        .filter(judgement -> !judgement.kept())
                        .map(judgement -> judgement.moment().id())
                        .toList();
        assertThat(gone)
                .as("%s at %s of %s", policy, now, before)
                .containsExactlyInAnyOrderElementsOf(new NaiveRetention(policy, before, now).removed());
        areSpared(before, gone);
        removeUntilOneFails(gone);
    }

    /** Said once more by itself, as it must hold whatever any rule says. */
    private void areSpared(List<Moment> before, List<String> gone) {
        before.stream()
                .filter(moment -> !moment.policy().equals(Optional.of(policy.name())))
                .forEach(moment -> assertThat(gone).doesNotContain(moment.id()));
        before.stream()
                .filter(moment -> moment.isPresent() && moment.good())
                .max(Comparator.comparing(Moment::takenAt))
                .ifPresent(newest -> assertThat(gone).doesNotContain(newest.id()));
    }

    /** As a run of a policy does: what comes after a failure is not tried. */
    private void removeUntilOneFails(List<String> gone) {
        for (String id : gone) {
            if (random.nextInt(10) == 0) {
                failed++;
                if (random.nextBoolean()) {
                    change(there.get(id), SnapshotState.REMOVING, false);
                }
                return;
            }
            there.remove(id);
            removed++;
        }
    }

    /** A removal that was cut short is finished, or was never begun. */
    private void settleRemovals() {
        there.values().stream()
                .filter(moment -> moment.state() == SnapshotState.REMOVING)
                .toList()
                .forEach(moment -> {
                    if (random.nextBoolean()) {
                        there.remove(moment.id());
                    } else {
                        change(moment, SnapshotState.PRESENT, false);
                    }
                });
    }

    /** Nothing is open any more, and nothing fails. */
    void settle() {
        settleRemovals();
        there.values().stream().filter(Moment::open).toList().forEach(open -> change(open, open.state(), false));
        new Retention(policy)
                .of(List.copyOf(there.values()), now).stream()
                        .filter(judgement -> !judgement.kept())
                        .forEach(judgement -> there.remove(judgement.moment().id()));
    }

    Policy policy() {
        return policy;
    }

    Instant now() {
        return now;
    }

    List<String> there() {
        return List.copyOf(there.keySet());
    }

    /** Each as it was when it was taken. */
    List<Moment> everTaken() {
        return everTaken;
    }

    long takenBy(String name) {
        return everTaken.stream()
                .filter(moment -> moment.policy().filter(name::equals).isPresent())
                .count();
    }

    int runs() {
        return runs;
    }

    int removed() {
        return removed;
    }

    int failed() {
        return failed;
    }

    int wasOpen() {
        return wasOpen;
    }

    int lost() {
        return lost;
    }
}
