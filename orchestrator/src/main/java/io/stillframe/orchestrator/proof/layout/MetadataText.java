package io.stillframe.orchestrator.proof.layout;

import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * LVM2's metadata as text: {@code name { key = value … }}, where a value is a number, a text in quotes, or a list of them
 * in brackets (lib/config/config.c). What is deeper than LVM2 writes is refused.
 */
final class MetadataText {
    private static final int DEEPEST = 8;

    private final String text;
    private int at;

    private MetadataText(String text) {
        this.text = text;
    }

    /**
     * Parses it.
     *
     * @throws Unreadable when it is no such text
     */
    static Section parse(String text) {
        MetadataText parser = new MetadataText(text);
        Section section = parser.section(0);
        if (parser.at < text.length()) {
            throw parser.wrong();
        }
        return section;
    }

    /** A section: its values are of type {@link Section}, {@link List}, {@link String} or {@link Long}. */
    record Section(Map<String, Object> values) {
        Optional<Section> section(String key) {
            return values.get(key) instanceof Section section ? Optional.of(section) : Optional.empty();
        }

        List<?> list(String key) {
            return values.get(key) instanceof List<?> list ? list : List.of();
        }

        Optional<String> text(String key) {
            return values.get(key) instanceof String string ? Optional.of(string) : Optional.empty();
        }

        /**
         * A number that is not negative.
         *
         * @throws Unreadable when there is none
         */
        long number(String key) {
            if (values.get(key) instanceof Long number && number >= 0) {
                return number;
            }
            throw new Unreadable("the metadata of a volume group lacks '%s'".formatted(key));
        }
    }

    private Section section(int depth) {
        if (depth > DEEPEST) {
            throw wrong();
        }
        Map<String, Object> values = new LinkedHashMap<>();
        while (peek() != '}' && peek() != 0) {
            String key = name();
            char then = peek();
            at++;
            if (then == '{') {
                values.put(key, section(depth + 1));
                expect('}');
            } else if (then == '=') {
                values.put(key, value());
            } else {
                throw wrong();
            }
        }
        return new Section(values);
    }

    private Object value() {
        if (peek() != '[') {
            return scalar();
        }
        at++;
        List<Object> list = new ArrayList<>();
        while (peek() != ']') {
            list.add(scalar());
            if (peek() != ',') {
                break;
            }
            at++;
        }
        expect(']');
        return list;
    }

    private Object scalar() {
        if (peek() == '"') {
            return quoted();
        }
        int from = at;
        while (at < text.length() && "+-.0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        try {
            return Long.valueOf(text.substring(from, at));
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    private String quoted() {
        StringBuilder plain = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            plain.append(text.charAt(at));
        }
        expect('"');
        return plain.toString();
    }

    private String name() {
        int from = at;
        while (at < text.length() && isOfName(text.charAt(at))) {
            at++;
        }
        if (at == from) {
            throw wrong();
        }
        return text.substring(from, at);
    }

    private static boolean isOfName(char c) {
        return c > ' ' && "{}[]=,\"#".indexOf(c) < 0;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wrong();
        }
        at++;
    }

    /** The next character that means something; 0 at the end. */
    private char peek() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == 0) {
                at = text.length();
            } else if (c > ' ') {
                return c;
            } else {
                at++;
            }
        }
        return 0;
    }

    private Unreadable wrong() {
        return new Unreadable("the metadata of a volume group is no such text at %d".formatted(at));
    }
}
