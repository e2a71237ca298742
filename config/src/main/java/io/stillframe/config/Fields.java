package io.stillframe.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads the keys of one mapping, each at most once, and in the end rejects those that nobody asked for. What was asked for
 * is also what the schema says, so that neither knows a key that the other does not.
 */
final class Fields {
    private final Place place;
    private final Map<String, Node.Entry> entries;
    private final Problems problems;
    private final Map<String, Object> known = new LinkedHashMap<>();
    private final List<String> required = new ArrayList<>();
    private boolean sound = true;

    Fields(Node.Mapping mapping, Problems problems) {
        this.place = mapping.place();
        this.entries = mapping.entries().stream().collect(Collectors.toMap(Node.Entry::key, Function.identity()));
        this.problems = problems;
    }

    /** The schema of a mapping: what a shape asks for where there is nothing. */
    static Map<String, Object> schemaOf(Function<Fields, ?> shape) {
        Fields none = new Fields(new Node.Mapping(Place.FILE, List.of()), new Problems(Path.of("")));
        Object unused = shape.apply(none);
        return none.schema();
    }

    /**
     * The value of a key; the default where it is absent, and where it is wrong, which is among the problems then.
     *
     * @param what what it is, for who edits the file
     */
    <T> T read(String key, String what, Reader<T> reader, T otherwise) {
        return find(key, what, reader).orElse(otherwise);
    }

    /** The value of a key that may be left out; empty where it is, and where it is wrong. */
    <T> Optional<T> find(String key, String what, Reader<T> reader) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", what);
        schema.putAll(reader.schema());
        known.put(key, schema);
        if (!entries.containsKey(key)) {
            return Optional.empty();
        }
        Optional<T> value = reader.read(entries.get(key).value(), problems);
        sound &= value.isPresent();
        return value;
    }

    /** The value of a key that has to be there; empty where it is not, or is wrong, which is among the problems then. */
    <T> Optional<T> require(String key, String what, Reader<T> reader) {
        required.add(key);
        if (!entries.containsKey(key)) {
            refuse(key + " is missing", what);
        }
        return find(key, what, reader);
    }

    /** Whether nothing that was read was wrong: then it may be told what is wrong with all of it together. */
    boolean sound() {
        return sound;
    }

    /** Tells what is wrong with all of it together. */
    void refuse(String message, String expected) {
        problems.add(place, message, expected);
    }

    void rejectOthers() {
        for (Node.Entry entry : entries.values()) {
            if (!known.containsKey(entry.key())) {
                problems.add(entry.place(), "no such setting", nearest(entry.key()));
            }
        }
    }

    private Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", known);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", false);
        return schema;
    }

    private String nearest(String key) {
        return known.keySet().stream()
                .filter(candidate -> EditDistance.between(key, candidate) <= Math.max(2, candidate.length() / 3))
                .min(Comparator.comparingInt((String candidate) -> EditDistance.between(key, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseGet(() -> "one of " + String.join(", ", new TreeSet<>(known.keySet())));
    }
}
