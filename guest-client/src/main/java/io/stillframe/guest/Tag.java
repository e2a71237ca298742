package io.stillframe.guest;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A word that the owner of a machine says of it; kept in the machine's own definition, so that it goes where that goes.
 *
 * @param name a letter or digit, then up to 62 of these and {@code . _ -}; case matters
 */
public record Tag(String name) implements Comparable<Tag> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    public Tag {
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException("not a tag: " + name);
        }
    }

    /** Empty when the text is none. */
    public static Optional<Tag> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new Tag(text)) : Optional.empty();
    }

    @Override
    public int compareTo(Tag other) {
        return name.compareTo(other.name);
    }
}
