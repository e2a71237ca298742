package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The room in the pools of thin volumes. */
final class ThinPools {
    private final Lvm lvm;
    private final LvmThinDriver.Limits limits;

    ThinPools(Lvm lvm, LvmThinDriver.Limits limits) {
        this.lvm = lvm;
        this.limits = limits;
    }

    /** What stands against one more snapshot in the pool of a volume; empty where nothing does. */
    Optional<String> against(LogicalVolume volume) {
        VolumeName name = new VolumeName(volume.name().group(), volume.pool());
        List<LogicalVolume> pools = lvm.volumes(name.group()).stream()
                .filter(pool -> pool.name().equals(name))
                .toList();
        if (pools.isEmpty()) {
            return Optional.of("its pool %s is not there".formatted(name));
        }
        LogicalVolume pool = pools.get(0);
        if (!pool.ailment().isEmpty()) {
            return Optional.of("LVM says of its pool %s: %s".formatted(name, pool.ailment()));
        }
        return tooFull(name, "data", pool.fill().orElse(0), limits.fullestData())
                .or(() -> tooFull(name, "metadata", pool.metadataFill().orElse(0), limits.fullestMetadata()));
    }

    /**
     * Whether a volume of a pool is more than an entry in LVM's metadata: LVM writes it down first and has the pool make it
     * then, and the pool's own number in the kernel tells how far that came ({@code dmsetup status}; thin-provisioning.txt
     * of the kernel's documentation).
     *
     * @throws CommandException when the pool is not active, so that the kernel does not tell
     */
    boolean hasMade(LogicalVolume volume) {
        if (!volume.isThin()) {
            return false;
        }
        String device = new VolumeName(volume.name().group(), volume.pool()).mapped() + "-tpool";
        long transaction = lvm.thinTransactions()
                .getOrDefault(device, OptionalLong.empty())
                .orElseThrow(() -> new CommandException(
                        "its pool %s is not active, so that what it holds is not known".formatted(volume.pool())));
        return volume.transaction() < transaction;
    }

    private static Optional<String> tooFull(VolumeName pool, String what, double fill, double fullest) {
        return fill <= fullest
                ? Optional.empty()
                : Optional.of("the %s of its pool %s are filled to %.1f %%, %.1f %% are allowed"
                        .formatted(what, pool, fill * 100, fullest * 100));
    }
}
