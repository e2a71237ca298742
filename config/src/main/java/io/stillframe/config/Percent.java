package io.stillframe.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hundredths of a whole, from 1 to 100, written {@code 80%}. */
public record Percent(int hundredths) implements Amount, Comparable<Percent> {
    static final Range<Integer> HUNDREDTHS = new Range<>(1, 100, hundredths -> hundredths + "%");

    static final Pattern FORM = Pattern.compile("([0-9]{1,3})%");

    public Percent {
        HUNDREDTHS.require("a percentage", hundredths);
    }

    /** Empty when the text is not one, or out of range. */
    public static Optional<Percent> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(Integer.parseInt(matcher.group(1)))
                        .filter(HUNDREDTHS::contains)
                        .map(Percent::new)
                : Optional.empty();
    }

    /** As a share of 1. */
    public double share() {
        return hundredths / 100.0;
    }

    /** Rounded up: a snapshot with a little more room than was asked for does no harm. */
    @Override
    public long of(long bytes) {
        return bytes / 100 * hundredths + (bytes % 100 * hundredths + 99) / 100;
    }

    @Override
    public int compareTo(Percent other) {
        return Integer.compare(hundredths, other.hundredths);
    }

    @Override
    public String toString() {
        return hundredths + "%";
    }
}
