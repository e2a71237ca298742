package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.GuestFilesystem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a freeze of this guest has to achieve, or why there will be none.
 *
 * @param freezes whether a freeze will be attempted
 * @param expected how many filesystems it must freeze
 * @param beyond filesystems that no freeze can hold, as {@code type at mountpoint}
 * @param reason why nothing is frozen; empty otherwise
 */
record FreezePlan(boolean freezes, int expected, List<String> beyond, String reason) {
    /** No {@code freeze_fs} in the kernel's driver: FIFREEZE answers EOPNOTSUPP, and the agent does not count them. */
    private static final Set<String> UNFREEZABLE =
            Set.of("vfat", "msdos", "exfat", "iso9660", "udf", "squashfs", "erofs", "ntfs", "ntfs3", "fuseblk");

    static FreezePlan none(String reason) {
        return new FreezePlan(false, 0, List.of(), reason);
    }

    /** The agent freezes each device once, however often it is mounted. */
    static FreezePlan of(List<GuestFilesystem> filesystems) {
        Set<String> devices = new HashSet<>();
        filesystems.stream()
                .filter(filesystem -> !UNFREEZABLE.contains(filesystem.type()))
                .forEach(filesystem -> devices.add(filesystem.device()));
        List<String> beyond = filesystems.stream()
                .filter(filesystem -> UNFREEZABLE.contains(filesystem.type()))
                .map(filesystem -> filesystem.type() + " at " + filesystem.mountpoint())
                .toList();
        return new FreezePlan(true, devices.size(), beyond, "");
    }
}
