package io.stillframe.orchestrator.evidence;

import io.stillframe.db.Filesystem;
import io.stillframe.orchestrator.proof.FoundVolume;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
import io.stillframe.orchestrator.proof.filesystem.Kind;
import java.util.EnumSet;
import java.util.Set;

/** Something that was found on a snapshot's disk. */
record Found(String disk, FoundVolume volume) {
    /** Those whose disk tells, as a rule, when they are in use and not frozen. */
    private static final Set<Kind> TELLING = EnumSet.of(Kind.EXT3, Kind.EXT4, Kind.XFS, Kind.BTRFS);

    /** Whether it can be this filesystem of the guest's, by all that the guest has told of it. */
    boolean canBe(Filesystem of) {
        GuestDevice device = new GuestDevice(of.device());
        return (of.disks().isEmpty() || of.disks().contains(disk))
                && volume.content().kind().mountedAs(of.type())
                && (!device.tellsPlace() || isAt(device))
                && (!device.isMapped() || volume.place().logicalVolume().isPresent());
    }

    private boolean isAt(GuestDevice device) {
        return volume.place().logicalVolume().isEmpty()
                && volume.place().partition().equals(device.partition());
    }

    boolean isClean() {
        return volume.state() instanceof Clean;
    }

    /** Whether it looks as clean between two commits as it does frozen. */
    boolean isOnlyCommitted() {
        return volume.state() instanceof Clean clean && clean.mark() == Mark.COMMITTED;
    }

    /**
     * Whether one that is mounted and written to can look the same: between two commits, or an XFS before anything has gone into
     * its log since the mount, for half a minute.
     */
    boolean canLookSoInUse() {
        return isOnlyCommitted() || (isClean() && volume.content().kind() == Kind.XFS);
    }

    /**
     * Whether it was in use at that moment, of a kind that a freeze would have brought to rest. An XFS that nobody has mounted
     * ends with a record of that, and nothing waiting in its log is no sign of a freeze.
     */
    boolean wasInUse() {
        Kind kind = volume.content().kind();
        return TELLING.contains(kind) && (volume.state() instanceof Dirty || (kind == Kind.XFS && isOnlyCommitted()));
    }

    /** The higher the worse. */
    int doubt() {
        return isClean() ? (isOnlyCommitted() ? 1 : 0) : 2;
    }

    @Override
    public String toString() {
        return "%s on %s, %s: %s".formatted(volume.content(), disk, volume.place(), volume.state());
    }
}
