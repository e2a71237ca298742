package io.stillframe.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file. */
final class Problems {
    private static final int MAX_SHOWN = 120;

    private final Path file;
    private final List<Problem> found = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    void add(Place place, String message, String expected) {
        found.add(new Problem(file, place.line(), quotable(place.path()), message, expected));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<Problem> byLine() {
        return found.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
    }

    /** A value in quotes. */
    static String quoted(String text) {
        return "'" + quotable(text) + "'";
    }

    /** Text from the file, fit for a terminal and a log: on one line, without control characters, and not endless. */
    static String quotable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(MAX_SHOWN).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > MAX_SHOWN ? shown + "…" : shown.toString();
    }
}
