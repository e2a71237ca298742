package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import java.util.OptionalLong;

/**
 * How far a thin volume came. LVM writes it down, has the pool make it, and has the pool count that; a command may be
 * killed between any two of these. The pool's own number in the kernel tells ({@code dmsetup status};
 * Documentation/admin-guide/device-mapper/thin-provisioning.rst).
 */
final class ThinMaking {
    private final Lvm lvm;

    ThinMaking(Lvm lvm) {
        this.lvm = lvm;
    }

    /**
     * Whether a volume is a thin one, and more than an entry in LVM's metadata.
     *
     * @throws CommandException when its pool is not active, so that the kernel does not tell
     */
    boolean isMade(LogicalVolume volume) {
        if (!volume.isThin()) {
            return false;
        }
        long reached = reached(volume)
                .orElseThrow(() -> new CommandException(
                        "its pool %s is not active, so that what it holds is not known".formatted(volume.pool())));
        return volume.transaction() < reached;
    }

    /**
     * Has the pool forget a volume that it made and did not count. LVM would have it made again before it does anything else
     * with the pool, which the kernel refuses for as long as it is there. One that was counted is left alone.
     */
    void forgetUncounted(LogicalVolume volume) {
        OptionalLong reached = volume.isThin() ? reached(volume) : OptionalLong.empty();
        if (reached.isPresent() && reached.getAsLong() <= volume.transaction()) {
            lvm.deleteThin(device(volume), volume.thinId());
        }
    }

    private OptionalLong reached(LogicalVolume volume) {
        return lvm.thinTransactions().getOrDefault(device(volume), OptionalLong.empty());
    }

    private static String device(LogicalVolume volume) {
        return new VolumeName(volume.name().group(), volume.pool()).mapped() + "-tpool";
    }
}
