package io.stillframe.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The readers of single values. */
final class Readers {
    private static final Pattern URI = Pattern.compile("[a-z][a-z0-9+.-]*://\\S*");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,9}");

    private Readers() {}

    static Reader<String> uri() {
        return scalar(
                "a connection URI",
                "one as libvirt takes it: qemu:///system",
                text -> URI.matcher(text).matches() ? Optional.of(text) : Optional.empty());
    }

    static Reader<Path> absolutePath() {
        return scalar("an absolute path", "one that begins with /", text -> {
            try {
                return Optional.of(Path.of(text)).filter(Path::isAbsolute).map(Path::normalize);
            } catch (InvalidPathException e) {
                return Optional.empty();
            }
        });
    }

    static Reader<Duration> duration(Range<Duration> range) {
        return within(range, scalar("a duration", Durations.EXPECTED, Durations::parse));
    }

    static Reader<ByteSize> byteSize() {
        return scalar("a size", ByteSize.EXPECTED, ByteSize::parse);
    }

    /** A part of a space; none at all is none. */
    static Reader<Amount> amount() {
        return scalar(
                "a part of a volume",
                Amount.EXPECTED,
                text -> Amount.parse(text).filter(amount -> amount.of(Long.MAX_VALUE) > 0));
    }

    static Reader<Percent> percent() {
        return scalar("a percentage", Percent.HUNDREDTHS.toString(), Percent::parse);
    }

    static Reader<Integer> integer(Range<Integer> range) {
        return within(
                range,
                scalar(
                        "a whole number",
                        range.toString(),
                        text -> INTEGER.matcher(text).matches()
                                ? Optional.of(Integer.valueOf(text))
                                : Optional.empty()));
    }

    static Reader<Requirement> requirement() {
        String labels =
                Arrays.stream(Requirement.values()).map(Requirement::label).collect(Collectors.joining(", "));
        return scalar(
                "a consistency class",
                "one of " + labels,
                text -> Arrays.stream(Requirement.values())
                        .filter(requirement -> requirement.label().equals(text))
                        .findFirst());
    }

    static Reader<OnDoubt> onDoubt() {
        return scalar("what to do on doubt", OnDoubt.EXPECTED, OnDoubt::parse);
    }

    private static <T> Reader<T> scalar(String what, String expected, Function<String, Optional<T>> parse) {
        return (node, problems) -> {
            if (node instanceof Node.Reported) {
                return Optional.empty();
            }
            Optional<T> value = node instanceof Node.Scalar scalar ? parse.apply(scalar.text()) : Optional.empty();
            if (value.isEmpty()) {
                problems.add(node.place(), describe(node) + " is not " + what, expected);
            }
            return value;
        };
    }

    private static <T extends Comparable<T>> Reader<T> within(Range<T> range, Reader<T> reader) {
        return (node, problems) -> {
            Optional<T> value = reader.read(node, problems);
            if (value.isPresent() && !range.contains(value.get())) {
                problems.add(node.place(), range.print().apply(value.get()) + " is out of range", range.toString());
                return Optional.empty();
            }
            return value;
        };
    }

    private static String describe(Node node) {
        if (node instanceof Node.Scalar scalar) {
            return Problems.quoted(scalar.text());
        }
        return node instanceof Node.Mapping ? "a mapping" : node instanceof Node.Sequence ? "a list" : "nothing";
    }
}
