package io.stillframe.storage.zfs;

import io.stillframe.storage.Demand;
import java.util.List;
import java.util.Optional;

/**
 * The room that a dataset has, in bytes.
 *
 * @param free what can still be written beside what the dataset has reserved for itself
 * @param reserved what a snapshot of it takes of that at once: a dataset with a {@code refreservation} (a zvol that is not
 *     sparse) is promised room to be written anew as a whole, so the snapshot is refused unless what it has for itself alone,
 *     what was written since its last snapshot, fits beside the promise ({@code dsl_dataset_snapshot_reserve_space})
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
     * The room that it takes of the pool at most to write a volume back to one of its snapshots. What was freed since then
     * (overwritten, discarded, cut off, deleted) is written again, and newer snapshots keep what is there now; zeros take room
     * only without compression. What the dataset has reserved for itself is taken first.
     *
     * @param size of the volume, in bytes: a dataset of files has others' as well
     */
    static Demand writtenBack(Zfs zfs, SnapshotName name, long size) {
        String dataset = name.place().dataset();
        String since = "written@" + name.label();
        Properties of = zfs.require(dataset, "available", "usedbyrefreservation", "referenced", "compression", since);
        long had = zfs.require(name.zfs(), "referenced").number("referenced");
        long written = of.number(since);
        // what it refers to now it either wrote since or had then
        long freed = had - (of.number("referenced") - written);
        long zeros = of.value("compression").equals("off") ? written : 0;
        long reserved = of.number("usedbyrefreservation");
        return new Demand(
                dataset,
                Math.max(0, Math.min(size, freed + zeros) - reserved),
                "pool " + name.place().pool(),
                of.number("available") - reserved);
    }

    static Space of(Zfs zfs, String dataset) {
        Properties of = zfs.require(dataset, "available", "usedbyrefreservation", "written", "refreservation");
        return new Space(
                of.number("available") - of.number("usedbyrefreservation"),
                Math.min(of.number("written"), of.number("refreservation")));
    }

    /**
     * Why there is no room to keep the promises to several datasets of one pool at once; empty where there is. Each fits by
     * itself, as the probe has seen; what they have in common is asked for where they are, for a reservation or a quota above them
     * counts for all of them.
     */
    static Optional<String> shortage(Zfs zfs, List<String> datasets) {
        if (datasets.size() < 2) {
            return Optional.empty();
        }
        long reserved = datasets.stream()
                .mapToLong(dataset -> of(zfs, dataset).reserved())
                .sum();
        String above = datasets.stream().reduce(Space::above).orElseThrow();
        long free = zfs.require(above, "available").number("available");
        return reserved <= free
                ? Optional.empty()
                : Optional.of("%s has %d MiB free, %d MiB are needed to keep the reservations of %s"
                        .formatted(above, free >> 20, reserved >> 20, String.join(", ", datasets)));
    }

    /** The nearest dataset that both are, or lie in. */
    private static String above(String one, String other) {
        String above = one;
        while (!(other + "/").startsWith(above + "/")) {
            above = above.substring(0, above.lastIndexOf('/'));
        }
        return above;
    }
}
