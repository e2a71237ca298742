package io.stillframe.db;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * That the snapshots of a group are of one instant: there was a time at which all machines stood still and none of them had
 * gone on.
 *
 * @param skew from before the first volume of any member was taken to after the last one was, in whole microseconds
 * @param together for how long at least all members stood still together, in whole microseconds, not negative
 */
public record OneInstant(Duration skew, Duration together) {
    public OneInstant {
        if (skew.isNegative() || together.isNegative()) {
            throw new IllegalArgumentException("taken within %s, together for %s".formatted(skew, together));
        }
        skew = skew.truncatedTo(ChronoUnit.MICROS);
        together = together.truncatedTo(ChronoUnit.MICROS);
    }
}
