package io.stillframe.orchestrator.policy;

import io.stillframe.config.Cron;
import io.stillframe.config.Recurrence;
import io.stillframe.config.Timetable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The moments at which a timetable is due.
 *
 * <p>Where the clocks are put forward, a time that does not exist is taken by as much later as they were put forward.
 * Where they are put back, a time that exists twice is taken once, the first time; only a schedule that comes in every
 * hour takes both, for it tells the hours rather than a time of day. So a daily run is neither skipped nor doubled, and an
 * hourly one comes every hour.
 */
public final class DueTimes {
    /** The 29th of February falls on a given day of the week once in 28 years, or in 40 across a century. */
    private static final int YEARS = 40;

    private final Timetable timetable;

    public DueTimes(Timetable timetable) {
        this.timetable = timetable;
    }

    /** The first one after a moment; empty where none comes within 40 years. */
    public Optional<Instant> after(Instant moment) {
        return from(moment).findFirst();
    }

    /** All after a moment, for 40 years, one after the other. */
    public Stream<Instant> from(Instant moment) {
        LocalDate first = moment.atZone(timetable.zone()).toLocalDate();
        return first.datesUntil(first.plusYears(YEARS)).flatMap(this::during).filter(due -> due.isAfter(moment));
    }

    private Stream<Instant> during(LocalDate day) {
        Instant begin = day.atStartOfDay(timetable.zone()).toInstant();
        Instant end = day.plusDays(1).atStartOfDay(timetable.zone()).toInstant();
        return timetable.recurrences().stream()
                .flatMap(of -> of instanceof Recurrence.Every every ? times(every, begin, end) : times((Cron) of, day))
                .filter(due -> !due.isBefore(begin) && due.isBefore(end))
                .sorted()
                .distinct();
    }

    private static Stream<Instant> times(Recurrence.Every every, Instant begin, Instant end) {
        long period = every.period().toMillis();
        return LongStream.rangeClosed(
                        Math.floorDiv(begin.toEpochMilli(), period), Math.floorDiv(end.toEpochMilli(), period))
                .mapToObj(number -> Instant.ofEpochMilli(number * period));
    }

    /** The last times of the day before may have been moved into this one. */
    private Stream<Instant> times(Cron cron, LocalDate day) {
        return Stream.of(day.minusDays(1), day)
                .filter(cron::includes)
                .flatMap(of -> cron.times().stream().map(of::atTime))
                .flatMap(time -> at(time, timetable.zone(), cron.everyHour()));
    }

    private static Stream<Instant> at(LocalDateTime time, ZoneId zone, boolean both) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
        if (offsets.isEmpty()) {
            return Stream.of(time.atZone(zone).toInstant());
        }
        return offsets.stream().limit(both ? 2 : 1).map(time::toInstant);
    }
}
