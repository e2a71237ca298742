package io.stillframe.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What becomes of a snapshot that proves to be less than was required.
 *
 * @param action what is done when no attempt is left
 * @param retries how many further attempts are made before; 0 to 10
 */
public record OnDoubt(Action action, int retries) {
    /** What is done with it. */
    public enum Action {
        /** It is rolled back, as if it had never been taken. */
        DISCARD,
        /** It is kept as what it is, with the reason. */
        KEEP
    }

    /** The words that are understood. */
    public static final String EXPECTED = "discard, keep, or retry:N with N from 1 to 10";

    public static final OnDoubt DISCARD = new OnDoubt(Action.DISCARD, 0);
    public static final OnDoubt KEEP = new OnDoubt(Action.KEEP, 0);

    private static final int MOST = 10;
    private static final Pattern RETRY = Pattern.compile("retry:([0-9]{1,2})");

    public OnDoubt {
        if (retries < 0 || retries > MOST) {
            throw new IllegalArgumentException("retries: " + retries);
        }
    }

    /** Empty when the text is none of {@link #EXPECTED}. */
    public static Optional<OnDoubt> parse(String text) {
        if (text.equals("discard")) {
            return Optional.of(DISCARD);
        }
        if (text.equals("keep")) {
            return Optional.of(KEEP);
        }
        Matcher retry = RETRY.matcher(text);
        return retry.matches()
                ? Optional.of(Integer.parseInt(retry.group(1)))
                        .filter(times -> times > 0 && times <= MOST)
                        .map(times -> new OnDoubt(Action.DISCARD, times))
                : Optional.empty();
    }
}
