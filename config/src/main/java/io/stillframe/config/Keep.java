package io.stillframe.config;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What a policy keeps of its snapshots of one machine; one of these reasons is enough.
 *
 * @param last so many of the newest
 * @param periods the newest of each of the latest so many hours, days, weeks, months and years in which there is any; a
 *     period that is not named is 0
 * @param within what is not older; zero keeps nothing for its age
 */
public record Keep(int last, Map<Period, Integer> periods, Duration within) {
    static final Range<Integer> COUNT = new Range<>(0, 10_000, String::valueOf);
    static final Range<Duration> WITHIN = new Range<>(Duration.ZERO, Duration.ofDays(36_500), Durations::print);

    /** Of the calendar of the policy's zone. A week begins on Monday (ISO 8601). */
    public enum Period {
        HOURLY("hour"),
        DAILY("day"),
        WEEKLY("week"),
        MONTHLY("month"),
        YEARLY("year");

        private final String noun;

        Period(String noun) {
            this.noun = noun;
        }

        /** One of them. */
        public String noun() {
            return noun;
        }

        /** The word in the file. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Keep {
        Objects.requireNonNull(within, "within");
        Map<Period, Integer> all = new EnumMap<>(Period.class);
        for (Period period : Period.values()) {
            all.put(period, periods.getOrDefault(period, 0));
            COUNT.require(period.label(), all.get(period));
        }
        COUNT.require("last", last);
        WITHIN.require("within", within);
        periods = Collections.unmodifiableMap(all);
    }

    boolean isNothing() {
        return last == 0 && within.isZero() && periods.values().stream().allMatch(count -> count == 0);
    }
}
