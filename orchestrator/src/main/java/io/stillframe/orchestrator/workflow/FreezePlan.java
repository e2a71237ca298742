package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.storage.VolumeSnapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a freeze of this guest has to achieve, or why there will be none.
 *
 * @param freezes whether a freeze will be attempted
 * @param expected how many filesystems it must freeze
 * @param beyond filesystems that no freeze can hold, as {@code type at mountpoint}
 * @param disks the disks that hold a filesystem which can be frozen, as far as that is known
 * @param reason why nothing is frozen; empty otherwise
 */
record FreezePlan(boolean freezes, int expected, List<String> beyond, Set<String> disks, String reason) {
    /** No {@code freeze_fs} in the kernel's driver: FIFREEZE answers EOPNOTSUPP, and the agent does not count them. */
    private static final Set<String> UNFREEZABLE =
            Set.of("vfat", "msdos", "exfat", "iso9660", "udf", "squashfs", "erofs", "ntfs", "ntfs3", "fuseblk");

    static FreezePlan none(String reason) {
        return new FreezePlan(false, 0, List.of(), Set.of(), reason);
    }

    /** The agent freezes each device once, however often it is mounted. */
    static FreezePlan of(List<GuestFilesystem> filesystems) {
        Set<String> devices = new HashSet<>();
        Set<String> disks = new HashSet<>();
        List<String> beyond = new ArrayList<>();
        for (GuestFilesystem filesystem : filesystems) {
            if (UNFREEZABLE.contains(filesystem.type())) {
                beyond.add(filesystem.type() + " at " + filesystem.mountpoint());
            } else {
                devices.add(filesystem.device());
                disks.addAll(filesystem.disks());
            }
        }
        return new FreezePlan(true, devices.size(), List.copyOf(beyond), Set.copyOf(disks), "");
    }

    /**
     * What is known before: that nothing will be frozen, or what of a snapshot the freeze does not reach, filesystems that
     * cannot be frozen and disks without one that can.
     */
    List<Evidence> beforehand(List<VolumeSnapshot> volumes) {
        if (!freezes) {
            return List.of(new Evidence("freeze", false, "not attempted: " + reason));
        }
        List<Evidence> uncovered = new ArrayList<>();
        beyond.forEach(filesystem -> uncovered.add(
                new Evidence("unfreezable", true, filesystem + " cannot be frozen; nothing is claimed of it")));
        volumes.stream()
                .map(VolumeSnapshot::disk)
                .filter(disk -> !disks.contains(disk))
                .forEach(disk -> uncovered.add(new Evidence(
                        "coverage",
                        true,
                        "no frozen filesystem is known to lie on %s; nothing is claimed of it".formatted(disk))));
        return uncovered;
    }
}
