package io.stillframe.config;

import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a {@link Cron}, in its order. */
enum CronField {
    MINUTE("minute", 0, 59, ""),
    HOUR("hour", 0, 23, ""),
    DAY("day of the month", 1, 31, ""),
    MONTH("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    /** From Sunday, 0, to Sunday, 7. */
    WEEKDAY("day of the week", 0, 7, "sun mon tue wed thu fri sat");

    private static final Pattern ITEM = Pattern.compile("(?:(\\*)|(\\w{1,3})(?:-(\\w{1,3}))?)(?:/(\\d{1,2}))?");

    private final String label;
    private final int least;
    private final int most;
    /** In three letters each, the first one for the least value. */
    private final String names;

    CronField(String label, int least, int most, String names) {
        this.label = label;
        this.least = least;
        this.most = most;
        this.names = names;
    }

    String label() {
        return label;
    }

    String expected() {
        return "%d to %d%s, *, a range, a step such as */2, or a list of these"
                .formatted(
                        least,
                        most,
                        names.isEmpty()
                                ? ""
                                : ", " + names.substring(0, 3) + " to " + names.substring(names.length() - 3));
    }

    /** Empty when the text is none. */
    Optional<NavigableSet<Integer>> read(String text) {
        NavigableSet<Integer> values = new TreeSet<>();
        for (String item : text.split(",", -1)) {
            Matcher matcher = ITEM.matcher(item);
            if (!matcher.matches() || !add(matcher, values)) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    /** A step needs something to step through: what a single value with one means, crons do not agree on. */
    private boolean add(Matcher item, NavigableSet<Integer> values) {
        boolean all = item.group(1) != null;
        int from = all ? least : value(item.group(2));
        int to = all ? most : item.group(3) == null ? from : value(item.group(3));
        int step = item.group(4) == null ? 1 : Integer.parseInt(item.group(4));
        boolean stepsNowhere = item.group(4) != null && !all && item.group(3) == null;
        if (from < least || to > most || to < from || step < 1 || stepsNowhere) {
            return false;
        }
        for (int value = from; value <= to; value += step) {
            values.add(this == WEEKDAY ? value % 7 : value);
        }
        return true;
    }

    /** Below all values where it is none. */
    private int value(String text) {
        int name = text.length() == 3 ? names.indexOf(text.toLowerCase(Locale.ROOT)) : -1;
        if (name >= 0) {
            return least + name / 4;
        }
        return text.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(text) : Integer.MIN_VALUE;
    }
}
