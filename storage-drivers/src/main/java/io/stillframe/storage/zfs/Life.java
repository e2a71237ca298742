package io.stillframe.storage.zfs;

import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import java.nio.file.Path;
import java.util.Optional;

/** What differs between the snapshots of zvols and those of files; {@link ZfsStore} has seen that the snapshot is ours. */
interface Life {
    /** The snapshot is held meanwhile. */
    View open(SnapshotName name, String disk);

    Outcome close(SnapshotName name, String disk);

    Plan planClone(VolumeSnapshot snapshot, SnapshotName name, String label);

    Outcome makeClone(SnapshotName name, Change change, Meter meter);

    Outcome removeClone(SnapshotName name, Change change);

    /** How long the volume was, in bytes. */
    long size(SnapshotName name);

    /** Where {@link #revert} writes to; empty where that is nowhere on this host. */
    Optional<Path> target(SnapshotName name);

    Outcome revert(SnapshotName name, Change change, Meter meter);

    /** As {@link io.stillframe.storage.SnapshotStore#giveUpRevert}. */
    Outcome giveUpRevert(SnapshotName name, Change change);

    /** A clone that a {@link #revert} which is done could not remove: nobody needs it, and it goes with the snapshot. */
    Optional<String> leftover(SnapshotName name, String disk);

    Outcome removeLeftover(SnapshotName name, String disk);
}
