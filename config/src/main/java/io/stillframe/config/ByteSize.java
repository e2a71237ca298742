package io.stillframe.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, not negative; written with a binary or a decimal unit: {@code 512MiB}, {@code 10GB}. */
public record ByteSize(long bytes) implements Amount {
    static final String EXPECTED = "a number with a unit: 512MiB, 1GiB, 10GB";

    private record Unit(String suffix, long bytes) {}

    private static final List<Unit> UNITS = List.of(
            new Unit("TiB", 1L << 40),
            new Unit("TB", 1_000_000_000_000L),
            new Unit("GiB", 1L << 30),
            new Unit("GB", 1_000_000_000L),
            new Unit("MiB", 1L << 20),
            new Unit("MB", 1_000_000L),
            new Unit("KiB", 1L << 10),
            new Unit("kB", 1_000L),
            new Unit("B", 1));

    /** Six digits: no unit can overflow then, and more is better said in the next one. */
    static final Pattern FORM = Pattern.compile("([0-9]{1,6})([A-Za-z]{1,3})");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
    }

    /** Empty when the text is not a size. */
    public static Optional<ByteSize> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return UNITS.stream()
                .filter(unit -> unit.suffix().equals(matcher.group(2)))
                .map(unit -> new ByteSize(amount * unit.bytes()))
                .findFirst();
    }

    @Override
    public long of(long whole) {
        return bytes;
    }

    /** In the largest unit that says it exactly. */
    @Override
    public String toString() {
        for (Unit unit : UNITS) {
            if (bytes != 0 && bytes % unit.bytes() == 0) {
                return bytes / unit.bytes() + unit.suffix();
            }
        }
        return "0B";
    }
}
