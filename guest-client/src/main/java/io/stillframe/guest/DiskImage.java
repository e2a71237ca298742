package io.stillframe.guest;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What a disk of a definition is to be backed by.
 *
 * @param target the disk's name within the domain: {@code vda}
 * @param path absolute
 * @param format the format of the image; never to be guessed from it
 */
public record DiskImage(String target, Kind kind, Path path, String format) {
    /** libvirt's {@code type} of a disk. */
    public enum Kind {
        FILE,
        BLOCK
    }

    public DiskImage {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(format, "format");
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("not an absolute path: " + path);
        }
    }
}
