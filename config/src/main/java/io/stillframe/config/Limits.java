package io.stillframe.config;

import java.time.Duration;
import java.util.Objects;

/**
 * The bounds within which a snapshot is taken.
 *
 * @param freeze the longest that a guest may be frozen; 1 s to 5 min
 * @param thaw how long release goes on trying before it hands over to those that never give up; 5 s to 1 h
 * @param minimumFree what must be left free on a storage before anything is put there
 * @param maximumChain the longest image chain that may come of a snapshot; 1 to 190, for libvirt refuses chains over 200
 * @param atOnce how many machines policies take at once
 */
public record Limits(Duration freeze, Duration thaw, ByteSize minimumFree, int maximumChain, Caps atOnce) {
    static final Range<Duration> FREEZE = new Range<>(Duration.ofSeconds(1), Duration.ofMinutes(5), Durations::print);
    static final Range<Duration> THAW = new Range<>(Duration.ofSeconds(5), Duration.ofHours(1), Durations::print);
    static final Range<Integer> CHAIN = new Range<>(1, 190, String::valueOf);

    public static final Limits DEFAULT =
            new Limits(Duration.ofSeconds(10), Duration.ofSeconds(60), new ByteSize(1L << 30), 50, Caps.DEFAULT);

    public Limits {
        Objects.requireNonNull(minimumFree, "minimumFree");
        Objects.requireNonNull(atOnce, "atOnce");
        FREEZE.require("freeze", freeze);
        THAW.require("thaw", thaw);
        CHAIN.require("maximumChain", maximumChain);
    }
}
