package io.stillframe.storage.zfs;

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
     * Why there is no room to write the dataset back to one of its snapshots; empty where there is. What was written since then
     * is the most that can differ, and the newer snapshots keep all of it.
     */
    static Optional<String> shortage(Zfs zfs, SnapshotName name) {
        String dataset = name.place().dataset();
        String since = "written@" + name.label();
        Properties of = zfs.get(dataset, "available", since)
                .orElseThrow(() -> new CommandException("%s is gone".formatted(dataset)));
        long free = of.number("available");
        long needed = of.number(since);
        return needed <= free
                ? Optional.empty()
                : Optional.of("%s has %d MiB free, up to %d MiB may be needed to write back what has changed since"
                        .formatted(dataset, free >> 20, needed >> 20));
    }

    static Space of(Zfs zfs, String dataset) {
        Properties of = zfs.get(dataset, "available", "usedbyrefreservation", "usedbydataset", "refreservation")
                .orElseThrow(() -> new CommandException("%s is gone".formatted(dataset)));
        return new Space(
                of.number("available") - of.number("usedbyrefreservation"),
                Math.min(of.number("usedbydataset"), of.number("refreservation")));
    }
}
