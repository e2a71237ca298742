package io.stillframe.orchestrator.proof;

import io.stillframe.orchestrator.proof.image.SparseImage;
import java.util.List;
import java.util.Map;

/**
 * The images that are kept, by their short names: {@code ext4-frozen}, or {@code xfs-rewritten-frozen@6.1} where it is not the
 * usual kernel that made them. How they came about: lab/capture-filesystems.
 */
public final class Captured {
    private static final Map<String, String> TOOLS = Map.of(
            "ext", "e2fsprogs-1.47.0",
            "xfs", "xfsprogs-6.1.0",
            "btrfs", "btrfs-progs-6.2",
            "fat", "dosfstools-4.2",
            "exfat", "exfatprogs-1.2.0",
            "ntfs", "ntfs-3g-2022.10.3",
            "luks2", "cryptsetup-2.6.1",
            "lvm", "lvm2-2.03.16");
    private static final String OTHERS = "util-linux-2.38.1";
    /** Where the name does not tell another. */
    private static final String KERNEL = "6.18";

    /** All of them. */
    public static final List<String> NAMES = List.of(
            "ext4-made",
            "ext4-live",
            "ext4-frozen",
            "ext4-thawed",
            "ext4-again",
            "ext4-idle",
            "ext4-unmounted",
            "ext4-1k-plain-live",
            "ext4-1k-plain-frozen",
            "ext4-1k-plain-thawed",
            "ext4-1k-plain-unmounted",
            "ext4-without-journal-live",
            "ext4-without-journal-frozen",
            "ext4-without-journal-unmounted",
            "ext3-live",
            "ext3-frozen",
            "ext3-thawed",
            "ext3-unmounted",
            "ext2-frozen",
            "ext2-unmounted",
            "xfs-made",
            "xfs-live",
            "xfs-frozen",
            "xfs-thawed",
            "xfs-again",
            "xfs-idle",
            "xfs-unmounted",
            "xfs-v4-made",
            "xfs-striped-live",
            "xfs-striped-frozen",
            "xfs-striped-thawed",
            "xfs-striped-idle",
            "xfs-wrapped-live",
            "xfs-wrapped-frozen",
            "xfs-rewritten-frozen",
            "xfs-rewritten-thawed",
            "xfs-rewritten-synced",
            "xfs-rewritten-frozen@6.1",
            "xfs-rewritten-synced@6.1",
            "btrfs-made",
            "btrfs-live",
            "btrfs-frozen",
            "btrfs-thawed",
            "btrfs-unmounted",
            "btrfs-sha256-live",
            "btrfs-sha256-frozen",
            "fat12-made",
            "fat16-made",
            "fat32-made",
            "exfat-made",
            "ntfs-made",
            "swap-made",
            "luks2-made",
            "gpt-table",
            "gpt-4k-table",
            "mbr-table",
            "mbr-4k-table",
            "lvm-made");

    private Captured() {}

    public static SparseImage of(String name) {
        String tool = TOOLS.entrySet().stream()
                .filter(entry -> name.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(OTHERS);
        if (name.endsWith("-made") || name.endsWith("-table")) {
            return SparseImage.resource(name + "-" + tool);
        }
        String[] parts = (name + "@" + KERNEL).split("@", -1);
        return SparseImage.resource("%s-%s-linux-%s".formatted(parts[0], tool, parts[1]));
    }
}
