package io.stillframe.storage;

import java.util.List;
import java.util.Set;

/**
 * What the journal knows of a machine's volumes beside the snapshot in question: the backend tells what depends on what,
 * only the journal tells whom it belongs to.
 *
 * @param snapshots the volumes of the machine's other snapshots
 * @param written all that Stillframe ever made for the machine to write to: {@link VolumeSnapshot#active} of every
 *     snapshot, of those removed since and of the one in question too, and {@link Change#to} of every revert. What of it
 *     no snapshot keeps and no machine uses was given up by a revert
 */
public record Relatives(List<VolumeSnapshot> snapshots, Set<String> written) {
    /** Nothing else is known. */
    public static final Relatives NONE = new Relatives(List.of(), Set.of());

    public Relatives {
        snapshots = List.copyOf(snapshots);
        written = Set.copyOf(written);
    }
}
