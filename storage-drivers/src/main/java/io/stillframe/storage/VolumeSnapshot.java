package io.stillframe.storage;

import java.util.Objects;

/**
 * What a run makes of one volume, named before it is made.
 *
 * @param disk the disk's name within the domain
 * @param driver the driver's name
 * @param snapshot where the moment will be found, in the driver's own terms: for qcow2 the image that was active until
 *     then, for LVM {@code vg/lv}, for ZFS {@code pool/volume@snapshot}
 * @param format the format to read {@code snapshot} with; never to be guessed
 * @param active what the machine writes to afterwards, as its definition names it: for qcow2 the new overlay, elsewhere
 *     what it wrote to before
 * @param quiesce what the storage needs before the snapshot
 */
public record VolumeSnapshot(
        String disk, String driver, String snapshot, String format, String active, Quiesce quiesce) {
    public VolumeSnapshot {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(driver, "driver");
        Objects.requireNonNull(snapshot, "snapshot");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(active, "active");
        Objects.requireNonNull(quiesce, "quiesce");
    }
}
