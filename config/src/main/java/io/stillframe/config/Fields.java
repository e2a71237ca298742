package io.stillframe.config;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the keys of one mapping, each at most once, and in the end rejects those that nobody asked for. */
final class Fields {
    private final Map<String, Node.Entry> entries;
    private final Problems problems;
    private final TreeSet<String> known = new TreeSet<>();

    Fields(Node.Mapping mapping, Problems problems) {
        this.entries = mapping.entries().stream().collect(Collectors.toMap(Node.Entry::key, Function.identity()));
        this.problems = problems;
    }

    /** The value of a key; the default where it is absent, and where it is wrong, which is among the problems then. */
    <T> T read(String key, Reader<T> reader, T otherwise) {
        known.add(key);
        Node.Entry entry = entries.get(key);
        return entry == null ? otherwise : reader.read(entry.value(), problems).orElse(otherwise);
    }

    void rejectOthers() {
        for (Node.Entry entry : entries.values()) {
            if (!known.contains(entry.key())) {
                problems.add(entry.place(), "no such setting", nearest(entry.key()));
            }
        }
    }

    private String nearest(String key) {
        return known.stream()
                .filter(candidate -> EditDistance.between(key, candidate) <= Math.max(2, candidate.length() / 3))
                .min(Comparator.comparingInt(candidate -> EditDistance.between(key, candidate)))
                .orElseGet(() -> "one of " + String.join(", ", known));
    }
}
