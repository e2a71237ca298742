package io.stillframe.config;

import java.util.Objects;

/**
 * How full a storage may become through snapshots.
 *
 * @param snapshotSize what is set aside for a snapshot that has a space of its own (thick LVM): a percentage of the
 *     volume, or bytes; a snapshot that outgrows it is lost
 * @param poolWarning how full a pool, or a snapshot's own space, may be before that is told
 * @param poolLimit how full a pool may be for another snapshot to be taken
 */
public record Space(Amount snapshotSize, Percent poolWarning, Percent poolLimit) {
    public static final Space DEFAULT = new Space(new Percent(20), new Percent(80), new Percent(95));

    public Space {
        Objects.requireNonNull(snapshotSize, "snapshotSize");
        Objects.requireNonNull(poolWarning, "poolWarning");
        Objects.requireNonNull(poolLimit, "poolLimit");
        if (snapshotSize.of(Long.MAX_VALUE) == 0) {
            throw new IllegalArgumentException("a snapshot without any space is lost at once");
        }
    }
}
