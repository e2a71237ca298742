package io.stillframe.config;

import java.util.Map;
import java.util.Optional;

/**
 * Makes a value of a piece of the tree.
 *
 * @param schema what editors may know of it, as a JSON Schema (draft 2020-12); it may allow more than the reader does
 */
record Reader<T>(Map<String, Object> schema, Reading<T> reading) {
    /** Where it cannot, it adds to the problems and returns nothing. */
    Optional<T> read(Node node, Problems problems) {
        return reading.read(node, problems);
    }

    @FunctionalInterface
    interface Reading<T> {
        Optional<T> read(Node node, Problems problems);
    }
}
