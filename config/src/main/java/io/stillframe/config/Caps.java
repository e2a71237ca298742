package io.stillframe.config;

/**
 * How many machines of a policy have their turn at once, where they are not taken as a group; each 1 to 100.
 *
 * @param host on this host
 * @param pool of those with disks in the same storage pool
 */
public record Caps(int host, int pool) {
    static final Range<Integer> RANGE = new Range<>(1, 100, String::valueOf);

    public static final Caps DEFAULT = new Caps(4, 2);

    public Caps {
        RANGE.require("host", host);
        RANGE.require("pool", pool);
    }
}
