package io.stillframe.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The readers of what holds several values. */
final class Shapes {
    private Shapes() {}

    /** A mapping of known keys; empty where the shape makes nothing of them, having told why. */
    static <T> Reader<T> mapping(String what, String expected, Function<Fields, Optional<T>> shape) {
        return new Reader<>(Fields.schemaOf(shape), (node, problems) -> {
            if (!(node instanceof Node.Mapping mapping)) {
                Readers.reject(node, what, expected, problems);
                return Optional.empty();
            }
            Fields fields = new Fields(mapping, problems);
            Optional<T> value = shape.apply(fields);
            fields.rejectOthers();
            return value;
        });
    }

    /** A mapping whose keys are names that the file gives. What is wrong is left out of it. */
    static <T> Reader<Map<String, T>> named(String what, Pattern form, Function<String, Reader<T>> reader) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("propertyNames", Map.of("pattern", "^(" + form.pattern() + ")$"));
        schema.put("additionalProperties", reader.apply("").schema());
        return new Reader<>(schema, (node, problems) -> {
            if (!(node instanceof Node.Mapping mapping)) {
                Readers.reject(node, "a mapping of names", what + " by its name", problems);
                return Optional.empty();
            }
            Map<String, T> values = new LinkedHashMap<>();
            for (Node.Entry entry : mapping.entries()) {
                if (!form.matcher(entry.key()).matches()) {
                    problems.add(
                            entry.place(),
                            "not a name for " + what,
                            "up to 63 letters, digits, and . _ - between them");
                }
                reader.apply(entry.key())
                        .read(entry.value(), problems)
                        .ifPresent(value -> values.put(entry.key(), value));
            }
            return Optional.of(values);
        });
    }

    /** One or more. */
    static <T> Reader<List<T>> list(String expected, Reader<T> item) {
        Reader<List<T>> any = anyNumber(expected, item);
        Map<String, Object> schema = new LinkedHashMap<>(any.schema());
        schema.put("minItems", 1);
        return new Reader<>(schema, (node, problems) -> {
            if (node instanceof Node.Sequence sequence && sequence.items().isEmpty()) {
                problems.add(node.place(), "the list is empty", expected);
                return Optional.empty();
            }
            return any.read(node, problems);
        });
    }

    /** Any number, none included. */
    static <T> Reader<List<T>> anyNumber(String expected, Reader<T> item) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "array");
        schema.put("items", item.schema());
        return new Reader<>(schema, (node, problems) -> {
            if (!(node instanceof Node.Sequence sequence)) {
                Readers.reject(node, "a list", expected, problems);
                return Optional.empty();
            }
            List<T> values = new ArrayList<>();
            sequence.items().forEach(each -> item.read(each, problems).ifPresent(values::add));
            return Optional.of(values)
                    .filter(all -> all.size() == sequence.items().size());
        });
    }

    /** One without the brackets of a list, or a list. */
    static <T> Reader<List<T>> oneOrMore(String expected, Reader<T> item) {
        Reader<List<T>> several = list(expected, item);
        return new Reader<>(
                Map.of("anyOf", List.of(item.schema(), several.schema())),
                (node, problems) -> node instanceof Node.Sequence
                        ? several.read(node, problems)
                        : item.read(node, problems).map(List::of));
    }
}
