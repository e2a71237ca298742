package io.stillframe.guest;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One virtual machine as the hypervisor knows it. A handle is cheap, holds what libvirt needs to find the domain, and
 * is safe for use by several threads. Every call ends by the call limit of its {@link Hypervisor}, with a {@link
 * GuestException} when it could not be done or is not known to be done. A connection to libvirtd that broke is the
 * failure of the call that finds it broken, and is made anew by the next one.
 */
public interface Domain extends AutoCloseable {
    DomainId id();

    DomainState state();

    /** Whether the definition outlives the running machine. */
    boolean persistent();

    /** Whether the next start would resume a saved machine, with its memory and its old view of the disks. */
    boolean hasSavedState();

    /** The disks as they are now: of the running machine, or of the definition when it is off. */
    List<Disk> disks();

    /** The disks as the next start will find them; equal to {@link #disks()} for a machine that is off. */
    List<Disk> definedDisks();

    /**
     * How many bytes the guest has written to each of its writable disks since the machine was started, by {@link
     * Disk#target} ({@code virDomainBlockStats}): what QEMU has taken from the guest's controllers, whatever lies below.
     * An overlay or a merge of ours does not count, and the counters only grow; a disk plugged in anew begins at 0.
     *
     * <p>A witness that the guest cannot sway: a frozen filesystem writes nothing, and the thaw of an ext4 commits its
     * superblock, a block of at least 1024 bytes, before it returns. The thaw of an xfs alone writes nothing. Swap and
     * filesystems that were not frozen, on the same disk, go on counting.
     *
     * @return at least 0 each; empty when the machine is off; without disks that are no {@code disk} or {@code lun}
     *     (CD-ROMs, floppies), and without those whose writes the hypervisor does not count
     */
    Map<String, Long> written();

    /**
     * Whether the machine, or its definition when it is off, has a keyboard ({@code <input type='keyboard'>}): without
     * one, what {@link #sendKeys} presses reaches nobody. x86 PCs have one unless their definition takes it away, and
     * libvirt lists it; most other machines have only what was added.
     */
    boolean hasKeyboard();

    /** Pauses the vCPUs, drains and flushes all disks ({@code virDomainSuspend}). Paused already counts as done. */
    void suspend();

    /** Lets a paused machine go on. Running already counts as done. */
    void resume();

    /**
     * Makes the overlays the active layers, all or none, in one call: {@code virDomainSnapshotCreateXML} with {@code
     * DISK_ONLY|ATOMIC|REUSE_EXT|NO_METADATA}. Disks not listed, of those that {@link
     * #disks} last told of, stay as they are; one plugged in since makes libvirt refuse. The overlays are qcow2 files that
     * exist and name the present active layers as their backing files.
     */
    void switchTo(List<DiskOverlay> overlays);

    /** The job that runs on a disk, if any. */
    Optional<BlockJob> blockJob(String target);

    /**
     * Starts to merge the active layer into the layer just below it. When the job is {@link BlockJob#ready()}, {@link
     * #pivot} ends it with the lower layer active; from the start on, the lower layer is no longer its point in time.
     *
     * @param bytesPerSecond how fast it may copy; 0 for as fast as it can. A guest that writes faster than that keeps the
     *     job from ever being ready
     */
    void commitActive(String target, Path top, Path base, long bytesPerSecond);

    /**
     * Starts to merge a layer below the active one into the layer just below it. The job ends by itself: then the
     * layer above continues from the base, in the chain, in its own header and in the definition. From the start on, the
     * base is no longer its point in time.
     *
     * @param bytesPerSecond as in {@link #commitActive}
     */
    void commit(String target, Path top, Path base, long bytesPerSecond);

    /** Ends an active commit that is ready: the base becomes the active layer. */
    void pivot(String target);

    /** Ends a job without its effect: the active layer stays. */
    void abortBlockJob(String target);

    /**
     * Has the definition of a machine that is off name other images. What lies below them is no longer listed: libvirt
     * reads it from the images at the next start. Nothing else of the definition changes.
     *
     * @throws GuestException {@link GuestFailure#REJECTED} when the machine is not off or its memory is saved; {@link
     *     GuestFailure#UNSUPPORTED} when it has no such disk
     */
    void redefine(List<DiskImage> disks);

    /**
     * Defines another machine like this one and does not start it. The other is given MAC addresses, firmware variables
     * and a generation id of its own, and nothing that both could write to: a disk is replaced or left out, and so is
     * whatever else names a file, a socket or a device of this machine. Media of CD-ROM drives are shared. Defined
     * already, with the same UUID: defined anew.
     *
     * @param clone an identity that no machine has
     * @param disks what its disks are backed by
     * @return what the other machine has not, or has otherwise, in words for people
     * @throws GuestException {@link GuestFailure#UNSUPPORTED} when a disk is missing here, or one that is to be kept can
     *     be written to
     */
    List<String> defineClone(DomainId clone, List<DiskImage> disks, OtherDisks others);

    /**
     * What {@link #defineClone} would answer, and throw, of what this machine's definition allows; nothing is defined, and
     * the disks need not be there yet.
     */
    List<String> planClone(DomainId clone, List<DiskImage> disks, OtherDisks others);

    /** What becomes of a machine's further disks in its clone. */
    enum OtherDisks {
        /** They are left out. */
        LEFT_OUT,
        /** Both machines have them; they must be read-only. */
        SHARED
    }

    /** The tags of the machine's definition; of a transient one those of the running machine. */
    Set<Tag> tags();

    /**
     * Adds and removes tags ({@code virDomainSetMetadata}), in the definition and in the running machine. To add what is
     * there and to remove what is not counts as done. Who changes the tags of a machine at the same moment may undo the
     * other's change.
     *
     * @return those that it has afterwards
     */
    Set<Tag> retag(Set<Tag> added, Set<Tag> removed);

    /** Presses keys together, as Linux key codes ({@code virDomainSendKey}, codeset LINUX). */
    void sendKeys(List<Integer> linuxKeyCodes);

    /** Releases the handle; the machine is not touched. */
    @Override
    void close();
}
