package io.stillframe.guest;

import java.nio.file.Path;
import java.util.Objects;

/** A prepared overlay that is to become the active layer of a disk. */
public record DiskOverlay(String target, Path overlay) {
    public DiskOverlay {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(overlay, "overlay");
    }
}
