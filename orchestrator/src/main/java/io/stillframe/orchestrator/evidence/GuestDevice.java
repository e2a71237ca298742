package io.stillframe.orchestrator.evidence;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A block device by the name that a guest's kernel gives it, as far as that tells which part of a disk it is. */
record GuestDevice(String name) {
    /** Linux, Documentation/admin-guide/devices.txt: a partition's number follows, after a p where the disk's name ends in a digit. */
    private static final Pattern DISK = Pattern.compile("(?:vd|sd|hd|xvd)[a-z]+|(?:nvme\\d+n|mmcblk)\\d+");

    private static final Pattern PARTITION =
            Pattern.compile("(?:(?:vd|sd|hd|xvd)[a-z]+|(?:nvme\\d+n|mmcblk)\\d+p)(\\d{1,4})");

    boolean isWholeDisk() {
        return DISK.matcher(name).matches();
    }

    /** Its number, where it is a partition. */
    OptionalInt partition() {
        Matcher partition = PARTITION.matcher(name);
        return partition.matches() ? OptionalInt.of(Integer.parseInt(partition.group(1))) : OptionalInt.empty();
    }

    /** Whether its kernel's device mapper made it: a logical volume, but also an encrypted one. */
    boolean isMapped() {
        return name.startsWith("dm-");
    }

    /** Whether the name tells where on a disk it is. */
    boolean tellsPlace() {
        return isWholeDisk() || partition().isPresent();
    }
}
