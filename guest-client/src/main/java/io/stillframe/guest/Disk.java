package io.stillframe.guest;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One disk of a domain, as its XML says. Formats come from here and from nowhere else: a tool that guesses a format
 * from the content lets the guest choose it (CVE-2008-2004 and kin).
 *
 * @param target the name within the domain: {@code vda}
 * @param device {@code disk}, {@code cdrom}, {@code floppy} or {@code lun}
 * @param sourceType {@code file}, {@code block}, {@code network}, {@code volume}, …; libvirt's word
 * @param source the path of the active image, where it has one
 * @param format the image format of the active layer: {@code qcow2}, {@code raw}, …
 * @param exclusive whether this machine alone writes to it, in the clear, and keeps what it wrote: neither {@code
 *     shareable} nor {@code transient} nor encrypted
 * @param cache libvirt's cache mode, {@code default} where the XML says none
 * @param backing the layers below the active one, the nearest first
 */
public record Disk(
        String target,
        String device,
        String sourceType,
        Optional<String> source,
        String format,
        boolean readOnly,
        boolean exclusive,
        String cache,
        List<Layer> backing) {

    /** One layer of an image chain. */
    public record Layer(String source, String format) {}

    public Disk {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(sourceType, "sourceType");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(cache, "cache");
        backing = List.copyOf(backing);
    }
}
