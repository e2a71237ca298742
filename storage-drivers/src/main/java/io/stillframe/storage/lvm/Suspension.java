package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.VolumeSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Ends what an interrupted command of LVM leaves: it suspends the origin, its other snapshots and what lies below them
 * before it writes its metadata, and a kill between that and their resumption holds back every read and write of the
 * guest. LVM's own refresh resumes it; a bare {@code dmsetup resume} would not wait for a command that is still at it. But
 * where a table was loaded before the kill, for a snapshot that the metadata does not know, LVM would put that in use, above a
 * layer that has none itself: whatever the guest writes until then is lost (seen on Linux 6.1: "attempt to access beyond end
 * of device", "lost async page write"). So the origin forgets it first. A second refresh, which finds nothing suspended, loads
 * what the metadata says now.
 *
 * <p>A kill can leave the layer that lies below a snapshot's origin without a snapshot in the metadata: after the last one
 * was removed, or as one was taken. A refresh of the origin takes that down too, unless what was to become the snapshot
 * still has a table that refers to it (LVM: "is used by another device"): then that volume has to go from the kernel first.
 */
final class Suspension {
    private final Lvm lvm;

    Suspension(Lvm lvm) {
        this.lvm = lvm;
    }

    /**
     * Has a volume and its snapshots resumed. Where an interrupted command left nothing, nothing is changed.
     *
     * @param snapshot which snapshot of the volume the command may have been about
     */
    Outcome end(VolumeName origin, VolumeSnapshot snapshot) {
        if (left(origin).isEmpty()) {
            return new Outcome.AlreadyDone();
        }
        forgetLoaded(origin);
        // LVM's lock lets us wait here for a command that is still at it, whose suspension it may have been
        List<String> refresh = List.of("--refresh", origin.toString());
        Outcome refreshed = change(refresh).and(change(refresh));
        List<String> left = left(origin);
        if (!left.isEmpty() && isPlain(snapshot, origin)) {
            List<String> letGo = new ArrayList<>(Snapshots.mark(snapshot).onlyWithoutOrigin());
            letGo.addAll(List.of("--activate", "n", snapshot.snapshot()));
            refreshed = change(letGo).and(change(refresh));
            left = left(origin);
        }
        return left.isEmpty()
                ? new Outcome.Done()
                : new Outcome.Indeterminate("devices of %s stay as an interrupted command left them (%s): %s"
                        .formatted(origin, refreshed, String.join(", ", left)));
    }

    /** Asked once more, after LVM has had its turn at its lock: whoever was at it before has ended by now. */
    private void forgetLoaded(VolumeName origin) {
        Optional<String> uuid = lvm.volume(origin).map(LogicalVolume::mappedUuid);
        lvm.devices().stream()
                .filter(device -> device.suspended() && uuid.equals(Optional.of(device.uuid())))
                .forEach(device -> {
                    var unused = lvm.clear(device); // where it cannot, the refresh says so or resumes it as before
                });
    }

    private Outcome change(List<String> how) {
        return lvm.change(
                "lvchange",
                Stream.concat(Lvm.PAST_SUSPENDED.stream(), how.stream()).toList());
    }

    /** Whether LVM's metadata has our volume for a snapshot, and knows nothing of it being one. */
    private boolean isPlain(VolumeSnapshot snapshot, VolumeName origin) {
        return Snapshots.ours(lvm, snapshot)
                .filter(volume -> !volume.isSnapshotOf(origin))
                .isPresent();
    }

    /** The names of what is suspended of the origin, its snapshots and its pool, or lies below it without a snapshot. */
    private List<String> left(VolumeName origin) {
        List<MappedDevice> suspects = lvm.devices().stream()
                .filter(device -> device.suspended() || device.isBelowSnapshots())
                .toList();
        if (suspects.isEmpty()) {
            return List.of();
        }
        List<LogicalVolume> group = lvm.volumes(origin.group());
        String pool = group.stream()
                .filter(volume -> volume.name().equals(origin))
                .map(LogicalVolume::pool)
                .findFirst()
                .orElse("");
        List<String> family = group.stream()
                .filter(volume -> volume.name().equals(origin)
                        || volume.isSnapshotOf(origin)
                        || volume.name().volume().equals(pool))
                .map(LogicalVolume::mappedUuid)
                .toList();
        boolean needsLayer = group.stream().anyMatch(volume -> volume.isSnapshotOf(origin));
        return suspects.stream()
                .filter(device -> family.stream().anyMatch(device.uuid()::startsWith))
                .filter(device -> device.suspended() || !needsLayer)
                .map(MappedDevice::name)
                .toList();
    }
}
