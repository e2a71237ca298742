package io.stillframe.storage.zfs;

import io.stillframe.storage.Demand;
import io.stillframe.storage.exec.CommandException;
import java.util.Optional;

/**
 * The room that a dataset has, in bytes.
 *
 * @param free what can still be written beside what the dataset has reserved for itself
 * @param reserved what a snapshot of it takes of that at once: a dataset with a {@code refreservation} (a zvol that is not
 *     sparse) is promised room to be written anew as a whole, so the snapshot is refused unless what it has now fits beside
 *     the promise ({@code dsl_dataset_snapshot_reserve_space})
 */
record Space(long free, long reserved) {
    /**
     * Why there is no room to write a dataset back; empty where there is.
     *
     * @param of as {@link #writtenBack} tells it
     */
    static Optional<String> shortage(Demand of) {
        return of.bytes() <= of.available()
                ? Optional.empty()
                : Optional.of("%s has %d MiB free, up to %d MiB may be needed to write back what has changed since"
                        .formatted(of.what(), of.available() >> 20, of.bytes() >> 20));
    }

    /**
     * The room that it takes of the pool to write the dataset back to one of its snapshots. What was written since then is the
     * most that can differ, and the newer snapshots keep all of it; what the dataset has reserved for itself is taken first.
     */
    static Demand writtenBack(Zfs zfs, SnapshotName name) {
        String dataset = name.place().dataset();
        String since = "written@" + name.label();
        Properties of = zfs.get(dataset, "available", "usedbyrefreservation", since)
                .orElseThrow(() -> new CommandException("%s is gone".formatted(dataset)));
        long reserved = of.number("usedbyrefreservation");
        return new Demand(
                dataset,
                Math.max(0, of.number(since) - reserved),
                "pool " + name.place().pool(),
                of.number("available") - reserved);
    }

    static Space of(Zfs zfs, String dataset) {
        Properties of = zfs.get(dataset, "available", "usedbyrefreservation", "usedbydataset", "refreservation")
                .orElseThrow(() -> new CommandException("%s is gone".formatted(dataset)));
        return new Space(
                of.number("available") - of.number("usedbyrefreservation"),
                Math.min(of.number("usedbydataset"), of.number("refreservation")));
    }
}
