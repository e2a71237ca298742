package io.stillframe.storage.zfs;

import io.stillframe.storage.exec.CommandException;

/**
 * The room that a dataset has, in bytes.
 *
 * @param free what can still be written beside what the dataset has reserved for itself
 * @param reserved what a snapshot of it takes of that at once: a dataset with a {@code refreservation} (a zvol that is not
 *     sparse) is promised room to be written anew as a whole, so the snapshot is refused unless what it has now fits beside
 *     the promise ({@code dsl_dataset_snapshot_reserve_space})
 */
record Space(long free, long reserved) {
    static Space of(Zfs zfs, String dataset) {
        Properties of = zfs.get(dataset, "available", "usedbyrefreservation", "usedbydataset", "refreservation")
                .orElseThrow(() -> new CommandException("%s is gone".formatted(dataset)));
        return new Space(
                of.number("available") - of.number("usedbyrefreservation"),
                Math.min(of.number("usedbydataset"), of.number("refreservation")));
    }
}
