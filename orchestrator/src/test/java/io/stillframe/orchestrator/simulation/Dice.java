package io.stillframe.orchestrator.simulation;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Everything that a seed decides. */
final class Dice {
    private final SplittableRandom random;

    Dice(long seed) {
        // neighbouring seeds must not begin alike
        random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L);
    }

    /** True so many times in a hundred. */
    boolean percent(int of) {
        return random.nextInt(100) < of;
    }

    /** True once in so many times. */
    boolean onceIn(int times) {
        return random.nextInt(times) == 0;
    }

    /** From 0 to below the bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** A time in nanoseconds, small ones as likely as large ones. */
    long between(Duration least, Duration most) {
        double low = Math.log((double) Math.max(1, least.toNanos()));
        double high = Math.log((double) Math.max(1, most.toNanos()));
        return (long) Math.exp(low + random.nextDouble() * (high - low));
    }

    /** A time in nanoseconds around so many microseconds. */
    long about(long micros) {
        return micros * 500 + random.nextLong(micros * 1000);
    }
}
