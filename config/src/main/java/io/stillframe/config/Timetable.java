package io.stillframe.config;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;

/**
 * When a policy is due.
 *
 * @param recurrences at least one; where two name the same moment it is due once
 * @param zone whose clocks and calendar are meant, of the retention, too
 * @param jitter how long at most a run is put off, so that not all begin at the same moment; 0 to 1 h
 */
public record Timetable(List<Recurrence> recurrences, ZoneId zone, Duration jitter) {
    static final Range<Duration> JITTER = new Range<>(Duration.ZERO, Duration.ofHours(1), Durations::print);

    public Timetable {
        recurrences = List.copyOf(recurrences);
        Objects.requireNonNull(zone, "zone");
        JITTER.require("jitter", jitter);
        if (recurrences.isEmpty()) {
            throw new IllegalArgumentException("never due");
        }
    }
}
