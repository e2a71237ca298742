package io.stillframe.orchestrator.policy;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.stream.IntStream;

/** Whether a clock shows what a cron says, by reading the cron again at every look. */
final class NaiveCron {
    private static final List<String> MONTHS = List.of("jan", "feb", "mar", "apr");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private NaiveCron() {}

    static boolean fits(String cron, ZonedDateTime clock) {
        List<String> fields = List.of(cron.split(" ", -1));
        boolean day = fits(fields.get(2), clock.getDayOfMonth(), 1, List.of());
        boolean weekday = fits(fields.get(4), clock.getDayOfWeek().getValue() % 7, 0, DAYS);
        boolean either = !fields.get(2).startsWith("*") && !fields.get(4).startsWith("*");
        return fits(fields.get(0), clock.getMinute(), 0, List.of())
                && fits(fields.get(1), clock.getHour(), 0, List.of())
                && fits(fields.get(3), clock.getMonthValue(), 1, MONTHS)
                && (either ? day || weekday : day && weekday);
    }

    private static boolean fits(String field, int value, int least, List<String> names) {
        for (String item : field.split(",", -1)) {
            String[] range = item.split("/", 2);
            int step = range.length == 2 ? Integer.parseInt(range[1]) : 1;
            String[] ends = range[0].equals("*") ? new String[] {least + "", "99"} : range[0].split("-", 2);
            int from = number(ends[0], least, names);
            int to = number(ends[ends.length - 1], least, names);
            if (IntStream.iterate(from, at -> at <= to, at -> at + step).anyMatch(at -> at == value)) {
                return true;
            }
        }
        return false;
    }

    private static int number(String text, int least, List<String> names) {
        return names.contains(text) ? names.indexOf(text) + least : Integer.parseInt(text);
    }
}
