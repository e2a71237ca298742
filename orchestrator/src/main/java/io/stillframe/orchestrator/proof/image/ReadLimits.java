package io.stillframe.orchestrator.proof.image;

import java.time.Duration;

/**
 * How much one proof may cost.
 *
 * @param bytes read from one disk
 * @param time after which nothing more is read; looked at before every read, so a storage that hangs is not cut short
 */
public record ReadLimits(long bytes, Duration time) {
    /** A frozen guest's disk takes some hundred kilobytes per filesystem; 32 MiB is enough for 50 of them and more. */
    public static final ReadLimits DEFAULT = new ReadLimits(32L << 20, Duration.ofSeconds(20));
}
