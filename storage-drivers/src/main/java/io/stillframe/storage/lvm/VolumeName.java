package io.stillframe.storage.lvm;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a logical volume, {@code group/volume}.
 *
 * <p>lvm(8): letters, digits and {@code + _ . -}. A volume is a device-mapper device as well, whose name holds both parts
 * with every dash doubled, and the layers below it have a name with an ending more: 127 bytes at most
 * ({@code DM_NAME_LEN} of linux/dm-ioctl.h, less its end).
 */
record VolumeName(String group, String volume) {
    private static final int DM_NAME_MAX = 127;
    /** What a thick snapshot puts below its origin. */
    private static final String BELOW_ORIGIN = "-real";
    /** What is below a thick snapshot itself. */
    private static final String BELOW_SNAPSHOT = "-cow";
    /** The longest that our own names get within a life: what stands beside a snapshot while a machine is reverted. */
    static final String BESIDE = ".old";

    /** What libvirt calls disks has nothing else in it, so that no name of ours can hold one that LVM reserves. */
    private static final Pattern DISK = Pattern.compile("[A-Za-z0-9]+");

    /**
     * Reads {@code group/volume}.
     *
     * @throws IllegalArgumentException when there are not two parts
     */
    static VolumeName parse(String text) {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
            throw new IllegalArgumentException("not a logical volume's name: " + text);
        }
        return new VolumeName(text.substring(0, slash), text.substring(slash + 1));
    }

    /** The volume that a run, a clone or a revert makes for one disk; in the same group. */
    VolumeName made(String label, String disk) {
        return new VolumeName(group, label + "." + disk);
    }

    VolumeName with(String ending) {
        return new VolumeName(group, volume + ending);
    }

    /** The names of the devices that a snapshot of this name can have; each is used by those before it. */
    List<String> devices() {
        return List.of(mapped(), mapped() + BELOW_SNAPSHOT);
    }

    String path() {
        return "/dev/" + group + "/" + volume;
    }

    /** Why no snapshot of this volume can be named for a disk; empty where one can. */
    Optional<String> unnameable(String disk) {
        if (!DISK.matcher(disk).matches()) {
            return Optional.of("LVM takes no snapshot's name with the disk's name '%s' in it".formatted(disk));
        }
        int origin = with(BELOW_ORIGIN).mapped().length();
        int snapshot = made("sf-" + "0".repeat(12), disk)
                .with(BESIDE + BELOW_ORIGIN)
                .mapped()
                .length();
        int longest = Math.max(origin, snapshot);
        return longest <= DM_NAME_MAX
                ? Optional.empty()
                : Optional.of(
                        "with the group's and the volume's names a snapshot's devices would have names of %d bytes, %d are possible"
                                .formatted(longest, DM_NAME_MAX));
    }

    /** The name of its device-mapper device. */
    String mapped() {
        return group.replace("-", "--") + "-" + volume.replace("-", "--");
    }

    @Override
    public String toString() {
        return group + "/" + volume;
    }
}
