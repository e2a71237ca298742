package io.stillframe.storage.lvm;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A logical volume as {@code lvs} reports it; the names of the fields are those of lvmreport(7), sizes are in bytes.
 *
 * @param report the fields; all of {@link LvsReport#FIELDS}
 */
record LogicalVolume(Map<String, String> report) {
    private static final long METADATA_RESERVE = 4 << 20;

    LogicalVolume {
        report = Map.copyOf(report);
    }

    VolumeName name() {
        return new VolumeName(text("vg_name"), bare(text("lv_name")));
    }

    String uuid() {
        return text("lv_uuid");
    }

    /** What the UUIDs of this volume's device-mapper devices begin with. */
    String mappedUuid() {
        return "LVM-" + text("vg_uuid").replace("-", "") + uuid().replace("-", "");
    }

    /** Whether a path is one that LVM itself gives it. */
    boolean isAt(String path) {
        return path.equals(text("lv_path")) || path.equals(text("lv_dm_path"));
    }

    /** Whether it is the active device of that number, {@code major:minor}. */
    boolean isDevice(String number) {
        return number.equals(text("lv_kernel_major") + ":" + text("lv_kernel_minor"));
    }

    /** Bytes; of a thick snapshot those set aside for what differs from its origin. */
    long size() {
        return Long.parseLong(text("lv_size"));
    }

    /** Bytes of the disk that can be read at its path; a thick snapshot keeps those that its origin had. */
    long readable() {
        return isThickSnapshot() ? Long.parseLong(text("origin_size")) : size();
    }

    /** {@code linear}, {@code striped}, {@code raid1}, {@code thin}, {@code cache}, …: what it is made of. */
    Set<String> layout() {
        return Set.of(text("lv_layout").split(","));
    }

    Set<String> roles() {
        return Set.of(text("lv_role").split(","));
    }

    /** Whether volumes live on it that cannot do without: thick snapshots, thin volumes that have it as external origin. */
    boolean isBelowOthers() {
        return roles().contains("thickorigin") || roles().contains("extthinorigin");
    }

    boolean isThin() {
        return layout().contains("thin") && !layout().contains("pool");
    }

    boolean isThickSnapshot() {
        return roles().contains("thicksnapshot");
    }

    /** The name of its origin within the group; empty where it is nobody's snapshot, or its origin is gone. */
    String origin() {
        return bare(text("origin"));
    }

    boolean isSnapshotOf(VolumeName volume) {
        return text("vg_name").equals(volume.group()) && origin().equals(volume.volume());
    }

    /** The name of its thin pool within the group; empty where it is in none. */
    String pool() {
        return bare(text("pool_lv"));
    }

    boolean isActive() {
        return text("lv_active").equals("active");
    }

    /** Whether LVM's metadata keeps it from being written to, active or not. */
    boolean isReadOnly() {
        return text("lv_permissions").equals("read-only");
    }

    boolean isOpen() {
        return text("lv_device_open").equals("open");
    }

    /** What its pool's number was when LVM wrote it down; the pool counts on with each volume that it makes. */
    long transaction() {
        return Long.parseLong(text("transaction_id"));
    }

    /** What its pool knows it by. */
    String thinId() {
        return text("thin_id");
    }

    /** A snapshot that overflowed, or whose merge failed. Only one that is active is known to be so. */
    boolean isInvalid() {
        return !Set.of("", "unknown").contains(text("lv_snapshot_invalid"))
                || !Set.of("", "unknown").contains(text("lv_merge_failed"));
    }

    /** A snapshot that is being merged into its origin. */
    boolean isMerging() {
        return !text("lv_merging").isEmpty();
    }

    /** What LVM finds wrong with it: {@code partial}, {@code failed}, {@code needs_check}, …; empty where nothing. */
    String ailment() {
        return text("lv_health_status");
    }

    /** How full it is, from 0 to 1; empty where that has no meaning, or it is not active. */
    OptionalDouble fill() {
        return fraction("data_percent");
    }

    /** How full a thin pool's metadata is, from 0 to 1. */
    OptionalDouble metadataFill() {
        return fraction("metadata_percent");
    }

    /**
     * How full a thin pool's metadata may be for LVM to make one more volume in it, from 0 to 1: a quarter of it, or 4 MiB,
     * must be free ({@code pool_metadata_min_threshold} in its thin_manip.c).
     */
    double metadataThreshold() {
        long size = text("lv_metadata_size").isEmpty() ? 0 : Long.parseLong(text("lv_metadata_size"));
        return size == 0 ? 1 : 1 - Math.min(0.25, (double) METADATA_RESERVE / size);
    }

    /** Bytes that a snapshot copies at once. */
    long chunk() {
        return Long.parseLong(text("chunk_size"));
    }

    List<String> tags() {
        return text("lv_tags").isEmpty() ? List.of() : List.of(text("lv_tags").split(","));
    }

    long groupFree() {
        return Long.parseLong(text("vg_free"));
    }

    /** What so many bytes take in its group, which gives out whole extents only. */
    long wholeExtents(long bytes) {
        long extent = Long.parseLong(text("vg_extent_size"));
        return (bytes + extent - 1) / extent * extent;
    }

    /** Why its group cannot be worked with by this host alone; empty where it can. */
    String groupTrouble() {
        if (!text("vg_shared").isEmpty() || !text("vg_clustered").isEmpty()) {
            return "its volume group is shared with other hosts";
        }
        if (!text("vg_exported").isEmpty()) {
            return "its volume group is exported";
        }
        return text("vg_partial").isEmpty() ? "" : "its volume group misses a physical volume";
    }

    String text(String field) {
        return report.get(field);
    }

    private OptionalDouble fraction(String field) {
        return text(field).isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Double.parseDouble(text(field)) / 100);
    }

    /** Volumes that are parts of others stand in brackets. */
    private static String bare(String name) {
        return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }
}
