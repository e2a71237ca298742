package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Answers that no good agent gives: real ones with their structure, their tokens or their bytes changed, and pure
 * garbage. The same seed gives the same answers in the same order.
 */
final class HostileReplies {
    private static final Pattern TOKEN =
            Pattern.compile("\"(?:\\\\.|[^\"\\\\])*\"|[{}\\[\\]:,]|-?[0-9][0-9.eE+-]*|true|false|null");

    private static final String ALPHABET = "{}[]\",:0123456789eE+-.truefalsn\\u d8\n\u0000é";

    private static final List<String> NASTY = List.of(
            "null",
            "true",
            "false",
            "{}",
            "[]",
            "\"\"",
            "0",
            "-0",
            "-1",
            "1.5",
            "1e3",
            "1e999999999",
            "-1e-999999999",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "4294967295",
            "4294967296",
            "128",
            "129",
            "NaN",
            "Infinity",
            "-Infinity",
            "nul",
            "0x7f",
            "01",
            "+1",
            ".5",
            "'x'",
            "/* */",
            "\\",
            "\"",
            "\u0000",
            "\uFEFF",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud83e\\udd8a\"",
            "\"\\u0000\\u001b[2J\\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"aGk\"",
            "\"aGk=\"",
            "\"aGk=aGk=\"",
            "\"====\"",
            "\"4g==\"",
            "\"é\"",
            "\"return\"",
            "\"error\"",
            "\"error\":{\"class\":\"GenericError\",\"desc\":\"\\u202e\\r\\nroot\"},",
            "\"return\":null,",
            "{\"return\":");

    private final Random random;
    private final List<List<String>> real;

    /** @param real what real agents answered */
    HostileReplies(long seed, List<String> real) {
        this.random = new Random(seed);
        this.real = real.stream().map(HostileReplies::tokens).toList();
    }

    byte[] next() {
        return switch (random.nextInt(12)) {
            case 0 -> garbage();
            case 1 -> letters();
            case 2, 3 -> withOtherBytes(String.join("", oneOf(real)).getBytes(UTF_8));
            case 4 -> withOtherBytes(withOtherTokens().getBytes(UTF_8));
            default -> withOtherTokens().getBytes(UTF_8);
        };
    }

    static List<String> tokens(String json) {
        return TOKEN.matcher(json).results().map(MatchResult::group).toList();
    }

    private byte[] garbage() {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] letters() {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "{\"return\":" : "");
        for (int left = random.nextInt(200); left > 0; left--) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString().getBytes(UTF_8);
    }

    private String withOtherTokens() {
        List<String> tokens = new ArrayList<>(oneOf(real));
        for (int left = 1 + random.nextInt(3); left > 0 && !tokens.isEmpty(); left--) {
            changeOne(tokens);
        }
        return String.join("", tokens);
    }

    private void changeOne(List<String> tokens) {
        int at = random.nextInt(tokens.size());
        List<String> span = tokens.subList(at, at + 1 + random.nextInt(Math.min(12, tokens.size() - at)));
        switch (random.nextInt(8)) {
            case 0, 1 -> tokens.set(at, nasty());
            case 2 -> tokens.add(at, nasty());
            case 3 -> span.clear();
            case 4 -> tokens.addAll(at, new ArrayList<>(span));
            case 5 -> Collections.swap(tokens, at, random.nextInt(tokens.size()));
            case 6 -> {
                List<String> other = oneOf(real);
                tokens.addAll(at, other.subList(0, random.nextInt(Math.min(40, other.size()))));
            }
            default -> {
                int depth = 1 + random.nextInt(random.nextInt(10) == 0 ? 500 : 25);
                tokens.set(at, "[".repeat(depth) + tokens.get(at) + "]".repeat(depth));
            }
        }
    }

    private String nasty() {
        int size = random.nextInt(100) == 0 ? 10_000 : 50;
        return switch (random.nextInt(12)) {
            case 0 -> String.valueOf((char) ('1' + random.nextInt(9))).repeat(1 + random.nextInt(size));
            case 1 -> "1e" + "9".repeat(1 + random.nextInt(size));
            case 2 -> '"' + "x".repeat(random.nextInt(size)) + '"';
            case 3 -> "[" + "{},".repeat(random.nextInt(size)) + "{}]";
            default -> oneOf(NASTY);
        };
    }

    private byte[] withOtherBytes(byte[] bytes) {
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        int at = random.nextInt(bytes.length + 1);
        int end = Math.min(bytes.length, at + random.nextInt(4));
        changed.write(bytes, 0, at);
        switch (random.nextInt(4)) {
            case 0 -> end = bytes.length;
            case 1 -> {
                byte[] inserted = new byte[1 + random.nextInt(3)];
                random.nextBytes(inserted);
                changed.writeBytes(inserted);
                end = at;
            }
            case 2 -> changed.write(random.nextInt(256));
            default -> changed.writeBytes(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}); // a surrogate's bytes
        }
        changed.write(bytes, end, bytes.length - end);
        return changed.toByteArray();
    }

    private <T> T oneOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
