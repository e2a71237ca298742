package io.stillframe.storage;

/**
 * What can be done with the snapshots of one driver after they were taken. An object is bound to the machine they are of.
 * Nothing here runs while a guest is frozen. Whatever takes several steps is planned first: the plan names everything
 * that will be made or moved, so that it can be journaled; then it is carried out, any number of times, each time going on
 * from what is there.
 */
public interface SnapshotStore {
    /** The name of the driver: {@link StorageDriver#name}. */
    String name();

    /** How it is with a snapshot's volume now, asked of the backend. */
    Condition condition(VolumeSnapshot snapshot);

    /**
     * This store for a look at many snapshots at once: where the backend tells of all of them in one answer it is asked once,
     * and every {@link #condition} is of that moment. For nothing but conditions.
     */
    default SnapshotStore glance() {
        return this;
    }

    /**
     * Makes the snapshot's volume readable on this host as a raw disk, by no means writable. Open already: the same view.
     * It is held until {@link #close}: no removal succeeds meanwhile.
     */
    View open(VolumeSnapshot snapshot);

    /** Ends what {@link #open} made. Not open counts as done; a view that is in use is refused. */
    Outcome close(VolumeSnapshot snapshot);

    /**
     * Names the writable volume that {@link #makeClone} will make.
     *
     * @param label unique for all time, of the same form as a run's: {@code sf-} and 12 characters of {@code [0-9a-z]}
     */
    Plan planClone(VolumeSnapshot snapshot, String label);

    /** Makes it. */
    Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter);

    /** Removes what {@link #makeClone} has made or begun, and nothing else. */
    Outcome removeClone(VolumeSnapshot snapshot, Change change);

    /**
     * Names the volume that the machine will write to after {@link #revert}; {@link Change#from} is the one it writes to
     * until then. The machine is off.
     *
     * @param label as in {@link #planClone}
     */
    Plan planRevert(VolumeSnapshot snapshot, String label);

    /**
     * Brings the machine's volume to the snapshot's content, and keeps the snapshot. The caller has the definition name
     * {@link Change#to} afterwards. Begun, it has to be carried through, or given up: until then the volume may hold a mixture.
     */
    Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter);

    /**
     * Lets go of a {@link #revert} that is not going to be carried through. What the machine has stays, a mixture perhaps;
     * what only the revert needed goes, so that the snapshot can be removed, or reverted to again from the beginning. None
     * begun counts as done. Nobody carries it through meanwhile.
     */
    Outcome giveUpRevert(VolumeSnapshot snapshot, Change change);

    /**
     * Says how the snapshot can be removed: where {@link Change#from} differs from {@link Change#to}, what other
     * snapshots, and the machine, have at the one is found at the other afterwards.
     */
    Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives);

    /**
     * Removes it. Begun, it has to be carried through: the snapshot's content is no more. Absent counts as done.
     *
     * @param relatives as known now: what has come to depend on the snapshot since the plan is refused
     */
    Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter);

    /**
     * Whether a {@link #remove} that was begun has come so far that what other snapshots had at {@link Change#from} is found at
     * {@link Change#to} only.
     */
    default boolean isMoved(VolumeSnapshot snapshot, Change change, Relatives relatives) {
        return false;
    }
}
