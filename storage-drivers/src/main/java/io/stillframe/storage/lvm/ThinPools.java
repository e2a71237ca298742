package io.stillframe.storage.lvm;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
                .or(() -> tooFull(name, "metadata", pool.metadataFill().orElse(0), limits.fullestMetadata()))
                .or(() -> beyondLvms(pool));
    }

    /** What LVM itself would refuse inside the window ({@code pool_below_threshold} in its thin_manip.c). */
    private Optional<String> beyondLvms(LogicalVolume pool) {
        double threshold = lvm.autoextendThreshold() / 100.0;
        double metadata = Math.min(threshold, pool.metadataThreshold());
        return beyond(pool, "data", pool.fill().orElse(0), threshold)
                .or(() -> beyond(pool, "metadata", pool.metadataFill().orElse(0), metadata));
    }

    private static Optional<String> beyond(LogicalVolume pool, String what, double fill, double threshold) {
        return fill < threshold
                ? Optional.empty()
                : Optional.of("the %s of its pool %s are filled to %.1f %%, LVM makes no more volumes from %.1f %% on"
                        .formatted(what, pool.name(), fill * 100, threshold * 100));
    }

    /** What is not far from that, or beyond what is to be told. */
    List<String> filling(LogicalVolume volume) {
        VolumeName name = new VolumeName(volume.name().group(), volume.pool());
        return lvm.volume(name).stream()
                .flatMap(pool -> Stream.of(
                        near(name, "data", pool.fill().orElse(0), limits.fullestData()),
                        near(name, "metadata", pool.metadataFill().orElse(0), limits.fullestMetadata())))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<String> near(VolumeName pool, String what, double fill, double fullest) {
        return fill < limits.warning()
                ? Optional.empty()
                : Optional.of("the %s of its pool %s are filled to %.1f %%, %.1f %% are allowed"
                        .formatted(what, pool, fill * 100, fullest * 100));
    }

    private static Optional<String> tooFull(VolumeName pool, String what, double fill, double fullest) {
        return fill <= fullest
                ? Optional.empty()
                : Optional.of("the %s of its pool %s are filled to %.1f %%, %.1f %% are allowed"
                        .formatted(what, pool, fill * 100, fullest * 100));
    }
}
