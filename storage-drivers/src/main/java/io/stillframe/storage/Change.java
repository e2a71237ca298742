package io.stillframe.storage;

import java.util.Objects;

/**
 * What work on a snapshot's volume changes, named before it is begun.
 *
 * @param disk the disk's name within the domain
 * @param from what there is before, in the driver's own terms
 * @param to what there is afterwards: a clone's new volume, what a reverted machine writes to, where a removal moves
 *     {@code from} to; the same as {@code from} where nothing moves
 * @param format the format of {@code to}
 */
public record Change(String disk, String from, String to, String format) {
    public Change {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(format, "format");
    }
}
