package io.stillframe.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a whole number and a unit, {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}. */
public final class Durations {
    static final String EXPECTED = "a number with a unit: 500ms, 10s, 5m, 1h, 2d";

    private record Unit(String suffix, ChronoUnit unit) {}

    private static final List<Unit> LARGEST_FIRST = List.of(
            new Unit("d", ChronoUnit.DAYS),
            new Unit("h", ChronoUnit.HOURS),
            new Unit("m", ChronoUnit.MINUTES),
            new Unit("s", ChronoUnit.SECONDS),
            new Unit("ms", ChronoUnit.MILLIS));

    /** Nine digits: no unit can overflow then, and nobody means more. */
    static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

    private Durations() {}

    /** Empty when the text is not a duration. A number without a unit is not: nobody can know what it means. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return LARGEST_FIRST.stream()
                .filter(unit -> unit.suffix().equals(matcher.group(2)))
                .map(unit -> Duration.of(amount, unit.unit()))
                .findFirst();
    }

    /** In the largest unit that says it exactly; what is finer than a millisecond is cut off. */
    public static String print(Duration duration) {
        long millis = duration.toMillis();
        for (Unit unit : LARGEST_FIRST) {
            long size = unit.unit().getDuration().toMillis();
            if (millis != 0 && millis % size == 0) {
                return millis / size + unit.suffix();
            }
        }
        return "0s";
    }
}
