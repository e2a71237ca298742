package io.stillframe.storage;

import java.util.Objects;

/**
 * Room that a job takes, of which its other volumes may take a part as well.
 *
 * @param what what takes it; of two that are the same only the larger is meant
 * @param bytes how much at most
 * @param where a file system, a volume group or a pool of this host, in words that are its own
 * @param available bytes that may be taken there, as far as is known now
 */
public record Demand(String what, long bytes, String where, long available) {
    public Demand {
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(where, "where");
        if (bytes < 0) {
            throw new IllegalArgumentException("less than nothing: " + bytes);
        }
    }
}
