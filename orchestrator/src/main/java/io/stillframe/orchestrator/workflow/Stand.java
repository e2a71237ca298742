package io.stillframe.orchestrator.workflow;

import io.stillframe.db.OneInstant;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * How one machine stood still, by the monotonic clock of the process that held it.
 *
 * @param from when it was known to stand still
 * @param takenFrom before its first volume was taken
 * @param takenTo after its last one was
 * @param until when it was last known to stand still
 */
record Stand(long from, long takenFrom, long takenTo, long until) {
    /**
     * Whether all stood still together: what each machine's volumes hold is what they held at any moment of its stand, so
     * all are of one instant if there is a moment that belongs to every stand.
     */
    static Optional<OneInstant> together(Collection<Stand> stands) {
        long from = each(stands, Stand::from).max().orElseThrow();
        long until = each(stands, Stand::until).min().orElseThrow();
        if (until - from < 0 || !stands.stream().allMatch(Stand::holdsItsVolumes)) {
            return Optional.empty();
        }
        long first = each(stands, Stand::takenFrom).min().orElseThrow();
        long last = each(stands, Stand::takenTo).max().orElseThrow();
        return Optional.of(new OneInstant(Duration.ofNanos(last - first), Duration.ofNanos(until - from)));
    }

    private boolean holdsItsVolumes() {
        return takenFrom - from >= 0 && takenTo - takenFrom >= 0 && until - takenTo >= 0;
    }

    private static LongStream each(Collection<Stand> stands, ToLongFunction<Stand> moment) {
        return stands.stream().mapToLong(moment);
    }
}
