package io.stillframe.guest.libvirt;

/** Text that may come from a guest, made fit for a message: one line, no terminal sequences, bounded. */
final class Printable {
    /** The longest message text, in characters (code points). */
    static final int MAX_LENGTH = 500;

    private Printable() {}

    static String of(String text) {
        if (text == null) {
            return "";
        }
        StringBuilder clean = new StringBuilder();
        text.codePoints().limit(MAX_LENGTH).map(Printable::shown).forEach(clean::appendCodePoint);
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
