package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import java.util.List;

/**
 * Keeps a snapshot from being destroyed, by us or anybody, while one disk's view of it is open or a revert of one disk to it
 * has begun and is not done.
 */
final class Hold {
    private static final String VIEW = "stillframe:view:";
    private static final String REVERT = "stillframe:revert:";

    private final Zfs zfs;
    private final String snapshot;
    private final String tag;

    private Hold(Zfs zfs, SnapshotName name, String tag) {
        this.zfs = zfs;
        this.snapshot = name.zfs();
        this.tag = tag;
    }

    static Hold ofView(Zfs zfs, SnapshotName name, String disk) {
        return new Hold(zfs, name, VIEW + disk);
    }

    static Hold ofRevert(Zfs zfs, SnapshotName name, String disk) {
        return new Hold(zfs, name, REVERT + disk);
    }

    Outcome take() {
        return zfs.holds(snapshot).contains(tag) ? new Outcome.AlreadyDone() : zfs.hold(tag, snapshot);
    }

    Outcome release() {
        return tags().contains(tag) ? zfs.release(tag, snapshot) : new Outcome.AlreadyDone();
    }

    /** Whether another disk's view of the same snapshot is open. */
    boolean isShared() {
        return tags().stream().anyMatch(other -> other.startsWith(VIEW) && !other.equals(tag));
    }

    /** A snapshot that is not there any more is held by nobody. */
    private List<String> tags() {
        return zfs.get(snapshot, Marks.RUN).isPresent() ? zfs.holds(snapshot) : List.of();
    }
}
