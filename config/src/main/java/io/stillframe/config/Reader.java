package io.stillframe.config;

import java.util.Optional;

/** Makes a value of a piece of the tree; where it cannot, it adds to the problems and returns nothing. */
@FunctionalInterface
interface Reader<T> {
    Optional<T> read(Node node, Problems problems);
}
