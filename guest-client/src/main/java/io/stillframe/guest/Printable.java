package io.stillframe.guest;

/** Text that may come from a guest, made fit for a message: one line, no terminal sequences, bounded. */
public final class Printable {
    /** The longest message text, in characters (code points). */
    public static final int MAX_LENGTH = 500;

    private Printable() {}

    /** No longer than a message may be; of nothing, nothing. */
    public static String of(String text) {
        return text == null ? "" : of(text, MAX_LENGTH);
    }

    /**
     * No longer than the caller says.
     *
     * @param longest in characters (code points)
     */
    public static String of(String text, int longest) {
        StringBuilder clean = new StringBuilder();
        text.codePoints().limit(longest).map(Printable::shown).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static int shown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            // FORMAT holds the bidirectional overrides, which make a terminal show another text than was written
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> '?';
            default -> codePoint;
        };
    }
}
