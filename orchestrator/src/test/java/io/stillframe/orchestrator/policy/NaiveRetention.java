package io.stillframe.orchestrator.policy;

import io.stillframe.config.Keep;
import io.stillframe.config.Keep.Period;
import io.stillframe.config.Policy;
import io.stillframe.db.SnapshotState;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;

/** The same rule said once more, of each snapshot by itself: slow, and made of nothing that the real one is made of. */
final class NaiveRetention {
    private final Policy policy;
    private final List<Moment> all;
    private final Instant now;

    NaiveRetention(Policy policy, List<Moment> ofOneMachine, Instant now) {
        this.policy = policy;
        this.now = now;
        this.all = ofOneMachine.stream()
                .filter(moment -> now.compareTo(moment.takenAt()) >= 0)
                .toList();
    }

    List<String> removed() {
        List<String> removed = new ArrayList<>();
        for (Moment moment : all) {
            if (isMine(moment) && !isKept(moment)) {
                removed.add(moment.id());
            }
        }
        return removed;
    }

    private boolean isKept(Moment moment) {
        if (moment.open()) {
            return true;
        }
        if (moment.state() != SnapshotState.PRESENT) {
            return false;
        }
        if (isNewest(moment, false)
                || (moment.good() && isNewest(moment, true))
                || policy.keep().isEmpty()) {
            return true;
        }
        Keep keep = policy.keep().get();
        if (newerOfMine(moment).size() < keep.last()) {
            return true;
        }
        if (moment.takenAt().plus(keep.within()).compareTo(now) >= 0
                && keep.within().toMillis() > 0) {
            return true;
        }
        for (Period period : Period.values()) {
            if (isKept(moment, period, keep.periods().get(period))) {
                return true;
            }
        }
        return false;
    }

    private boolean isKept(Moment moment, Period period, int most) {
        List<Moment> representatives = new ArrayList<>();
        for (Moment newer : newerOfMine(moment)) {
            if (same(period, newer, moment)) {
                return false;
            }
            if (representatives.stream().noneMatch(other -> same(period, other, newer))) {
                representatives.add(newer);
            }
        }
        return representatives.size() < most;
    }

    private boolean same(Period period, Moment one, Moment other) {
        ZonedDateTime a = one.takenAt().atZone(policy.timetable().zone());
        ZonedDateTime b = other.takenAt().atZone(policy.timetable().zone());
        return switch (period) {
            case HOURLY ->
                a.getHour() == b.getHour()
                        && a.getOffset().equals(b.getOffset())
                        && a.toLocalDate().equals(b.toLocalDate());
            case DAILY -> a.getDayOfYear() == b.getDayOfYear() && a.getYear() == b.getYear();
            case WEEKLY -> monday(a).equals(monday(b));
            case MONTHLY -> a.getMonth() == b.getMonth() && a.getYear() == b.getYear();
            case YEARLY -> a.getYear() == b.getYear();
        };
    }

    private static Object monday(ZonedDateTime time) {
        return time.toLocalDate().minusDays(time.getDayOfWeek().getValue());
    }

    private List<Moment> newerOfMine(Moment moment) {
        return all.stream()
                .filter(this::isMine)
                .filter(other -> other.state() == SnapshotState.PRESENT && isNewer(other, moment))
                .toList();
    }

    private boolean isNewest(Moment moment, boolean ofGoodOnes) {
        return all.stream()
                .filter(other -> other.state() == SnapshotState.PRESENT && (other.good() || !ofGoodOnes))
                .noneMatch(other -> isNewer(other, moment));
    }

    private boolean isMine(Moment moment) {
        return moment.policy().isPresent() && moment.policy().get().equals(policy.name());
    }

    private static boolean isNewer(Moment one, Moment other) {
        int byTime = one.takenAt().compareTo(other.takenAt());
        return byTime > 0 || (byTime == 0 && one.id().compareTo(other.id()) > 0);
    }
}
