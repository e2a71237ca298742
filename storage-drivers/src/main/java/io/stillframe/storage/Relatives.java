package io.stillframe.storage;

import java.util.List;
import java.util.Set;

/**
 * What the journal knows of a machine's volumes beside the snapshot in question, of those of its driver: the backend tells what
 * depends on what, only the journal tells whom it belongs to.
 *
 * @param snapshots the volumes of the machine's other snapshots
 * @param written all that Stillframe ever made for the machine to write to: {@link VolumeSnapshot#active} of every
 *     snapshot, of those removed since and of the one in question too, and {@link Change#to} of every revert
 * @param givenUp {@link Change#from} of every revert that is done, but for what a later run took a snapshot of: what of it
 *     no snapshot keeps and no machine uses is of no use any more. Only the journal knows that; a volume that is merely
 *     not in use may be a disk that is detached for a while
 */
public record Relatives(List<VolumeSnapshot> snapshots, Set<String> written, Set<String> givenUp) {
    /** Nothing else is known. */
    public static final Relatives NONE = new Relatives(List.of(), Set.of(), Set.of());

    public Relatives {
        snapshots = List.copyOf(snapshots);
        written = Set.copyOf(written);
        givenUp = Set.copyOf(givenUp);
    }
}
