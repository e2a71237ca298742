package io.stillframe.db;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A run's name for all time: 12 characters, 60 random bits. Lower-case letters and digits without the ones that people
 * confuse (Crockford's base 32), so that it fits every backend's names and a person's ear.
 */
public record RunId(String value) {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int LENGTH = 12;
    private static final Pattern FORM = Pattern.compile("[" + ALPHABET + "]{" + LENGTH + "}");

    public RunId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a run id: " + value);
        }
    }

    public static RunId random(RandomGenerator random) {
        StringBuilder value = new StringBuilder(LENGTH);
        random.ints(LENGTH, 0, ALPHABET.length()).mapToObj(ALPHABET::charAt).forEach(value::append);
        return new RunId(value.toString());
    }

    /** The name that everything bears which the run makes outside the journal; also the snapshot's id. */
    public String label() {
        return "sf-" + value;
    }
}
