package io.stillframe.storage;

import java.util.List;

/**
 * Takes snapshots of the volumes of one virtual machine on one kind of storage. A driver object is bound to its machine.
 * The order of calls is {@link #probe}, {@link #plan}, {@link #prepare}, {@link #quiesce}, {@link #create}, {@link
 * #update}, {@link #verify}; {@link #discard} is allowed after any of them and any number of times. Only {@code quiesce},
 * {@code create} and {@code update} run while the guest is frozen: what takes time belongs into {@code prepare} or {@code
 * verify}. What can be done with the snapshots afterwards is {@link SnapshotStore}'s.
 */
public interface StorageDriver {
    /** The name that the journal keeps: {@code qcow2}, {@code lvm-thick}, {@code lvm-thin}, {@code zfs}. */
    String name();

    /** Whether this driver can take a snapshot of the volume now. */
    Probe probe(Volume volume);

    /**
     * Names everything a run would make of its volumes, without touching anything.
     *
     * @param label the run's own name, unique for all time: {@code sf-} and 12 characters of {@code [0-9a-z]}
     */
    List<VolumeSnapshot> plan(String label, List<Volume> volumes);

    /** Makes ready, outside the window, what {@link #create} will need. The guest and its disks are not touched. */
    Outcome prepare(List<VolumeSnapshot> planned);

    /**
     * Whether {@link #create} gives all these volumes one instant by itself, however their machine writes on; otherwise
     * QEMU must be paused around it. One volume alone always has one instant.
     */
    boolean atomic(List<VolumeSnapshot> planned);

    /**
     * Has the storage hold all that QEMU has written, by {@link VolumeSnapshot#quiesce}; inside the window, QEMU paused
     * before it where that says so. Nothing of it has to be undone.
     */
    Outcome quiesce(List<VolumeSnapshot> planned);

    /** Takes the snapshots of all volumes, at one instant where {@link #atomic} says so. */
    Outcome create(List<VolumeSnapshot> planned);

    /**
     * Whether the snapshots are there, whatever earlier calls answered. What {@link #verify} rests on, and the suite of all
     * drivers after an answer was lost; no run is decided by it, for one whose snapshot was not confirmed is rolled back.
     */
    Presence find(List<VolumeSnapshot> planned);

    /**
     * Ends whatever an interrupted {@link #create} may have left that holds back the machine's own reads and writes, and
     * changes nothing else. A guest whose disk is held back does not come out of its thaw, so this is asked before one is
     * given up; at any time, any number of times.
     */
    default Outcome resume(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    /** Does what the image or the domain need before the guest may go on; asks nothing that can wait. */
    Outcome update(List<VolumeSnapshot> planned);

    /** Whether the machine and its definition go on with what {@link VolumeSnapshot#active} says; after the release. */
    Outcome verify(List<VolumeSnapshot> planned);

    /**
     * Rolls back: as if the run had never been, with nothing that the guest wrote since lost. Absent counts as done.
     * Only what bears the run's label is ever removed.
     */
    Outcome discard(List<VolumeSnapshot> planned);
}
