package io.stillframe.storage;

import java.util.List;
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
 * @param cache libvirt's cache mode: {@code none}, {@code writeback}, {@code writethrough}, {@code directsync}, {@code
 *     unsafe}, or {@code default} (which is {@code writeback})
 */
public record Volume(String disk, String kind, String source, String format, int depth, boolean sole, String cache) {
    public Volume {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(cache, "cache");
    }

    /** Whether QEMU's writes stop in this host's page cache until somebody flushes it: all modes but O_DIRECT's. */
    public boolean cachedByHost() {
        return !cache.equals("none") && !cache.equals("directsync");
    }

    /** What an operator is to know of any snapshot of it, whatever its storage. */
    public List<String> warnings() {
        return cache.equals("unsafe")
                ? List.of(
                        "cache=unsafe: QEMU drops the guest's flushes; what this host has not written out yet, of the disk and"
                                + " of a new snapshot, is lost with its power")
                : List.of();
    }
}
