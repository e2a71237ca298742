package io.stillframe.config;

import java.util.function.Function;

/** The values from least to most, both included; and how people write them. */
record Range<T extends Comparable<T>>(T least, T most, Function<T, String> print) {
    boolean contains(T value) {
        return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
    }

    void require(String what, T value) {
        if (!contains(value)) {
            throw new IllegalArgumentException(what + " is " + print.apply(value) + ", not " + this);
        }
    }

    @Override
    public String toString() {
        return print.apply(least) + " to " + print.apply(most);
    }
}
