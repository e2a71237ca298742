package io.stillframe.orchestrator.policy;

import io.stillframe.config.Keep;
import io.stillframe.config.Keep.Period;
import io.stillframe.config.Policy;
import io.stillframe.db.SnapshotState;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a policy keeps of the snapshots of one machine: grandfather, father, son, over what there really is.
 *
 * <p>Only what the policy itself took is ever removed. What a person or another policy took is neither removed nor
 * counted. The newest snapshot of a machine and its newest consistent one are kept whatever the rule says, and so is one
 * that is open.
 *
 * <p>It does not matter how often it is applied: what is removed later is what would have been removed at once, for the
 * newest of a period was its newest all along, and a period only ever falls back.
 */
public final class Retention {
    private final Policy policy;

    public Retention(Policy policy) {
        this.policy = policy;
    }

    /**
     * Judges all snapshots of one machine.
     *
     * @param now what is later than this does not exist yet, and is left out
     * @return the newest first
     */
    public List<Judgement> of(List<Moment> ofOneMachine, Instant now) {
        List<Moment> all = ofOneMachine.stream()
                .filter(moment -> !moment.takenAt().isAfter(now))
                .sorted(Moment.NEWEST_FIRST)
                .toList();
        List<Moment> counted = all.stream()
                .filter(moment -> isOwn(moment) && moment.isPresent())
                .toList();
        Reasons reasons = new Reasons();
        protectNewest(all, reasons);
        policy.keep()
                .ifPresentOrElse(
                        keep -> apply(keep, counted, now, reasons),
                        () -> counted.forEach(moment -> reasons.keep(moment, "the policy keeps all")));
        all.forEach(moment -> spare(moment, reasons));
        return all.stream().map(reasons::judge).toList();
    }

    private boolean isOwn(Moment moment) {
        return moment.policy().filter(policy.name()::equals).isPresent();
    }

    private static void protectNewest(List<Moment> all, Reasons reasons) {
        List<Moment> present = all.stream().filter(Moment::isPresent).toList();
        present.stream().findFirst().ifPresent(moment -> reasons.keep(moment, "the machine's newest"));
        present.stream()
                .filter(Moment::good)
                .findFirst()
                .ifPresent(moment -> reasons.keep(moment, "the machine's newest consistent one"));
    }

    /** What is not retention's to remove, or could not be removed now. */
    private void spare(Moment moment, Reasons reasons) {
        if (!isOwn(moment)) {
            reasons.keep(
                    moment,
                    moment.policy().map(other -> "taken by policy " + other).orElse("taken by a person"));
        } else if (moment.open()) {
            reasons.keep(moment, "open");
        } else if (moment.state() == SnapshotState.REMOVING) {
            reasons.drop(moment, "its removal has begun");
        } else if (moment.state() == SnapshotState.LOST) {
            reasons.drop(moment, "its storage has lost it");
        }
    }

    private void apply(Keep keep, List<Moment> counted, Instant now, Reasons reasons) {
        if (keep.last() > 0) {
            for (int i = 0; i < counted.size(); i++) {
                String which = "last %d of %d".formatted(i + 1, keep.last());
                reasons.note(counted.get(i), i < keep.last(), which, "last: %d newer".formatted(keep.last()));
            }
        }
        for (Period period : Period.values()) {
            if (keep.periods().get(period) > 0) {
                apply(period, keep.periods().get(period), counted, reasons);
            }
        }
        if (!keep.within().isZero()) {
            Instant oldest = now.minus(keep.within());
            counted.forEach(moment -> reasons.note(
                    moment, !moment.takenAt().isBefore(oldest), "within: since " + oldest, "within: before " + oldest));
        }
    }

    private void apply(Period period, int most, List<Moment> counted, Reasons reasons) {
        Map<String, Moment> newest = new LinkedHashMap<>();
        for (Moment moment : counted) {
            String when = name(period, moment.takenAt(), policy.timetable().zone());
            Moment newer = newest.putIfAbsent(when, moment);
            reasons.note(
                    moment,
                    newer == null && newest.size() <= most,
                    "%s %d of %d: newest of %s".formatted(period.label(), newest.size(), most, when),
                    newer == null
                            ? "%s: %d later".formatted(period.label(), most)
                            : "%s: %s is newer in %s".formatted(period.label(), newer.id(), when));
        }
    }

    /** Two hours that the clock tells alike, as it is put back, are two. */
    static String name(Period period, Instant at, ZoneId zone) {
        LocalDate day = at.atZone(zone).toLocalDate();
        return switch (period) {
            case HOURLY ->
                at.atZone(zone).truncatedTo(ChronoUnit.HOURS).toOffsetDateTime().toString();
            case DAILY -> day.toString();
            case WEEKLY ->
                "%d-W%02d".formatted(day.get(IsoFields.WEEK_BASED_YEAR), day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case MONTHLY -> "%d-%02d".formatted(day.getYear(), day.getMonthValue());
            case YEARLY -> String.valueOf(day.getYear());
        };
    }

    /** What speaks for and against each. */
    private static final class Reasons {
        private final Map<Moment, List<String>> kept = new LinkedHashMap<>();
        private final Map<Moment, List<String>> dropped = new LinkedHashMap<>();

        void keep(Moment moment, String reason) {
            kept.computeIfAbsent(moment, any -> new ArrayList<>()).add(reason);
        }

        void drop(Moment moment, String reason) {
            dropped.computeIfAbsent(moment, any -> new ArrayList<>()).add(reason);
        }

        void note(Moment moment, boolean keeps, String ifSo, String ifNot) {
            if (keeps) {
                keep(moment, ifSo);
            } else {
                drop(moment, ifNot);
            }
        }

        Judgement judge(Moment moment) {
            boolean keeps = kept.containsKey(moment);
            return new Judgement(moment, keeps, (keeps ? kept : dropped).getOrDefault(moment, List.of()));
        }
    }
}
