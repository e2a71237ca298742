package io.stillframe.storage;

import java.util.Objects;

/**
 * What a run makes of one volume, named before it is made.
 *
 * @param disk the disk's name within the domain
 * @param driver the driver's name
 * @param snapshot where the moment will be found: for qcow2 the image that was active until then
 * @param format the format to read {@code snapshot} with; never to be guessed
 * @param active what the machine writes to afterwards: for qcow2 the new overlay
 */
public record VolumeSnapshot(String disk, String driver, String snapshot, String format, String active) {
    public VolumeSnapshot {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(driver, "driver");
        Objects.requireNonNull(snapshot, "snapshot");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(active, "active");
    }
}
