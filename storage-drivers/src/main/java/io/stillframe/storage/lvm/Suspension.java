package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import java.util.List;

/**
 * Ends what an interrupted command of LVM leaves: it suspends the origin, its other snapshots and what lies below them
 * before it writes its metadata, and a kill between that and their resumption holds back every read and write of the
 * guest. LVM's own refresh resumes it. What it resumes may be a table that was loaded before the kill, for a snapshot
 * that the metadata does not know; a second refresh, which finds nothing suspended, loads what the metadata says now. A
 * bare {@code dmsetup resume} would not wait for a command that is still at it.
 */
final class Suspension {
    private final Lvm lvm;

    Suspension(Lvm lvm) {
        this.lvm = lvm;
    }

    /** Has a volume and its snapshots resumed. Where none is suspended nothing is changed. */
    Outcome end(VolumeName origin) {
        if (suspended(origin).isEmpty()) {
            return new Outcome.AlreadyDone();
        }
        // LVM's lock lets us wait here for a command that is still at it, whose suspension it may have been
        List<String> refresh = List.of("--refresh", origin.toString());
        Outcome refreshed = lvm.change("lvchange", refresh).and(lvm.change("lvchange", refresh));
        List<String> left = suspended(origin);
        return left.isEmpty()
                ? new Outcome.Done()
                : new Outcome.Indeterminate("the devices of %s stay suspended (%s): %s"
                        .formatted(origin, refreshed, String.join(", ", left)));
    }

    /** The names of what is suspended of the origin, its snapshots and its pool. */
    private List<String> suspended(VolumeName origin) {
        List<MappedDevice> suspended =
                lvm.devices().stream().filter(MappedDevice::suspended).toList();
        if (suspended.isEmpty()) {
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
        return suspended.stream()
                .filter(device -> family.stream().anyMatch(device.uuid()::startsWith))
                .map(MappedDevice::name)
                .toList();
    }
}
