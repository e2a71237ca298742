package io.stillframe.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The readers of single values. */
final class Readers {
    private static final Pattern URI = Pattern.compile("[a-z][a-z0-9+.-]*://\\S*");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,9}");

    private Readers() {}

    static Reader<String> uri() {
        return text("a connection URI", "one as libvirt takes it: qemu:///system", URI);
    }

    static Reader<Path> absolutePath() {
        return scalar("an absolute path", "one that begins with /", Map.of("type", "string"), text -> {
            try {
                return Optional.of(Path.of(text)).filter(Path::isAbsolute).map(Path::normalize);
            } catch (InvalidPathException e) {
                return Optional.empty();
            }
        });
    }

    static Reader<Duration> duration(Range<Duration> range) {
        return within(
                range, scalar("a duration", Durations.EXPECTED, matching(Durations.FORM.pattern()), Durations::parse));
    }

    static Reader<ByteSize> byteSize() {
        return scalar("a size", ByteSize.EXPECTED, matching(ByteSize.FORM.pattern()), ByteSize::parse);
    }

    /** A part of a space; none at all is none. */
    static Reader<Amount> amount() {
        return scalar(
                "a part of a volume",
                Amount.EXPECTED,
                matching(Percent.FORM.pattern() + "|" + ByteSize.FORM.pattern()),
                text -> Amount.parse(text).filter(amount -> amount.of(Long.MAX_VALUE) > 0));
    }

    static Reader<Percent> percent() {
        return scalar("a percentage", Percent.HUNDREDTHS.toString(), matching(Percent.FORM.pattern()), Percent::parse);
    }

    static Reader<Integer> integer(Range<Integer> range) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "integer");
        schema.put("minimum", range.least());
        schema.put("maximum", range.most());
        return within(
                range,
                scalar(
                        "a whole number",
                        range.toString(),
                        schema,
                        text -> INTEGER.matcher(text).matches()
                                ? Optional.of(Integer.valueOf(text))
                                : Optional.empty()));
    }

    static Reader<Requirement> requirement() {
        return oneOf("a consistency class", Requirement.values(), Requirement::label);
    }

    /** One of a few words. */
    static <T> Reader<T> oneOf(String what, T[] values, Function<T, String> label) {
        List<String> labels = Arrays.stream(values).map(label).toList();
        return scalar(
                what,
                "one of " + String.join(", ", labels),
                Map.of("enum", labels),
                text -> Stream.of(values)
                        .filter(value -> label.apply(value).equals(text))
                        .findFirst());
    }

    /** @param standard what holds where a part of it is not said */
    static Reader<OnDoubt> onDoubt(OnDoubt standard) {
        return Shapes.mapping(
                "an answer to doubt",
                "one such as { retry: 2, then: keep-as-crash }",
                fields -> Optional.of(new OnDoubt(
                        fields.read(
                                "retry",
                                "how many times another snapshot is taken",
                                integer(OnDoubt.RETRY),
                                standard.retry()),
                        fields.read(
                                "then",
                                "what becomes of the last one if it is no better",
                                oneOf("an end", OnDoubt.Then.values(), OnDoubt.Then::label),
                                standard.then()))));
    }

    /** Two keys beside each other. */
    static Hooks hooks(Fields fields, Hooks standard) {
        return new Hooks(
                fields.read(
                        "hooks",
                        "the applications in the guest that are told of a freeze, in this order; [] for none",
                        Shapes.anyNumber("hooks such as [postgresql]", oneOf("a hook", Hook.values(), Hook::label)),
                        standard.run()),
                fields.read(
                        "hook-limit",
                        "the longest that they may take to get ready, all together",
                        duration(Hooks.LIMIT),
                        standard.limit()));
    }

    /** A text of a form. */
    static Reader<String> text(String what, String expected, Pattern form) {
        return scalar(
                what,
                expected,
                matching(form.pattern()),
                text -> form.matcher(text).matches() ? Optional.of(text) : Optional.empty());
    }

    static <T> Reader<T> scalar(
            String what, String expected, Map<String, Object> schema, Function<String, Optional<T>> parse) {
        return explained(what, expected, schema, (text, complaint) -> {
            Optional<T> value = parse.apply(text);
            if (value.isEmpty()) {
                complaint.about("is not " + what, expected);
            }
            return value;
        });
    }

    /** Of a text that can be wrong in several ways: who reads it says in which. */
    static <T> Reader<T> explained(
            String what,
            String expected,
            Map<String, Object> schema,
            BiFunction<String, Complaint, Optional<T>> parse) {
        return new Reader<>(schema, (node, problems) -> {
            if (node instanceof Node.Scalar scalar) {
                return parse.apply(
                        scalar.text(),
                        (wrong, right) ->
                                problems.add(node.place(), Problems.quoted(scalar.text()) + " " + wrong, right));
            }
            reject(node, what, expected, problems);
            return Optional.empty();
        });
    }

    /** Takes what is wrong with a text, and what would be right. */
    @FunctionalInterface
    interface Complaint {
        void about(String wrong, String right);
    }

    /** What is not even of the kind that is read, unless that was told already. */
    static void reject(Node node, String what, String expected, Problems problems) {
        if (!(node instanceof Node.Reported)) {
            problems.add(node.place(), describe(node) + " is not " + what, expected);
        }
    }

    private static <T extends Comparable<T>> Reader<T> within(Range<T> range, Reader<T> reader) {
        return new Reader<>(reader.schema(), (node, problems) -> {
            Optional<T> value = reader.read(node, problems);
            if (value.isPresent() && !range.contains(value.get())) {
                problems.add(node.place(), range.print().apply(value.get()) + " is out of range", range.toString());
                return Optional.empty();
            }
            return value;
        });
    }

    private static Map<String, Object> matching(String form) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put("pattern", "^(" + form + ")$");
        return schema;
    }

    private static String describe(Node node) {
        if (node instanceof Node.Scalar scalar) {
            return Problems.quoted(scalar.text());
        }
        return node instanceof Node.Mapping ? "a mapping" : node instanceof Node.Sequence ? "a list" : "nothing";
    }
}
