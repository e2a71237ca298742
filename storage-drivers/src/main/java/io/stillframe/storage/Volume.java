package io.stillframe.storage;

import java.util.Objects;

/**
 * One disk of a virtual machine as a driver must know it; all of it comes from the domain's XML.
 *
 * @param disk the disk's name within the domain: {@code vda}
 * @param kind how libvirt reaches it: {@code file}, {@code block}, {@code network}, …
 * @param source the path of the active image; empty where it has none
 * @param format the active image's format: {@code qcow2}, {@code raw}, …
 * @param depth how many images its chain has, the active one counted; at least 1
 * @param sole whether this machine alone may write to it, unencrypted, and keeps what it wrote
 */
public record Volume(String disk, String kind, String source, String format, int depth, boolean sole) {
    public Volume {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(format, "format");
    }
}
