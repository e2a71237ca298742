package io.stillframe.config;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Month;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;

/**
 * Times of day on days of the calendar, as crontab(5) writes them: minute, hour, day of the month, month, day of the week.
 * As there, a day has to be in one of both sets of days where both are restricted, and in both of them where one begins
 * with a star.
 */
public final class Cron implements Recurrence {
    private static final Map<String, String> NICKNAMES = Map.of(
            "@hourly", "0 * * * *",
            "@daily", "0 0 * * *",
            "@weekly", "0 0 * * 0",
            "@monthly", "0 0 1 * *",
            "@yearly", "0 0 1 1 *");

    static final String EXPECTED = "'minute hour day month weekday' such as '0 2 * * *', or one of @hourly, @daily, "
            + "@weekly, @monthly, @yearly";

    private final String text;
    private final Map<CronField, NavigableSet<Integer>> values;
    private final boolean eitherDay;

    private Cron(String text, Map<CronField, NavigableSet<Integer>> values, boolean eitherDay) {
        this.text = text;
        this.values = values;
        this.eitherDay = eitherDay;
    }

    /** Empty when the text is none, and then it was complained of. */
    static Optional<Cron> parse(String text, Readers.Complaint complaint) {
        List<String> fields = List.of(NICKNAMES.getOrDefault(text, text).strip().split("[ \t]+", -1));
        if (fields.size() != CronField.values().length) {
            complaint.about("is not a schedule", EXPECTED);
            return Optional.empty();
        }
        Map<CronField, NavigableSet<Integer>> values = new EnumMap<>(CronField.class);
        EnumSet<CronField> restricted = EnumSet.noneOf(CronField.class);
        Iterator<String> next = fields.iterator();
        for (CronField field : CronField.values()) {
            String written = next.next();
            Optional<NavigableSet<Integer>> read = field.read(written);
            if (read.isEmpty()) {
                complaint.about(
                        "has %s as its %s".formatted(Problems.quoted(written), field.label()), field.expected());
                return Optional.empty();
            }
            values.put(field, read.get());
            if (!written.startsWith("*")) {
                restricted.add(field);
            }
        }
        boolean eitherDay = restricted.containsAll(EnumSet.of(CronField.DAY, CronField.WEEKDAY));
        if (!eitherDay && neverComes(values)) {
            complaint.about("never comes", "a day that one of its months has");
            return Optional.empty();
        }
        return Optional.of(new Cron(text, values, eitherDay));
    }

    private static boolean neverComes(Map<CronField, NavigableSet<Integer>> values) {
        int first = values.get(CronField.DAY).first();
        return values.get(CronField.MONTH).stream()
                .allMatch(month -> Month.of(month).maxLength() < first);
    }

    /** Whether there are times on that day. */
    public boolean includes(LocalDate day) {
        boolean byDay = has(CronField.DAY, day.getDayOfMonth());
        boolean byWeekday = has(CronField.WEEKDAY, day.getDayOfWeek().getValue() % 7);
        return has(CronField.MONTH, day.getMonthValue()) && (eitherDay ? byDay || byWeekday : byDay && byWeekday);
    }

    /** The times of such a day, the earliest first; at least one. */
    public List<LocalTime> times() {
        return values.get(CronField.HOUR).stream()
                .flatMap(hour -> values.get(CronField.MINUTE).stream().map(minute -> LocalTime.of(hour, minute)))
                .toList();
    }

    /** Whether it comes in every hour of such a day: then it tells the hours rather than a time of day. */
    public boolean everyHour() {
        return values.get(CronField.HOUR).size() == 24;
    }

    private boolean has(CronField field, int value) {
        return values.get(field).contains(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cron cron && cron.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
