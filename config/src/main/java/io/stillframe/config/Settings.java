package io.stillframe.config;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What can be set, with a sound default for everything.
 *
 * @param connect the libvirt URI: {@code qemu:///system}
 * @param stateDir where journal and leases live; absolute
 * @param require the class below which a snapshot is not what was asked for
 * @param onDoubt what becomes of one that is below it all the same
 */
public record Settings(
        String connect, Path stateDir, Requirement require, Limits limits, Space space, OnDoubt onDoubt) {
    public static final Settings DEFAULT = new Settings(
            "qemu:///system",
            Path.of("/var/lib/stillframe"),
            Requirement.FILESYSTEM,
            Limits.DEFAULT,
            Space.DEFAULT,
            OnDoubt.DISCARD);

    public Settings {
        Objects.requireNonNull(connect, "connect");
        Objects.requireNonNull(stateDir, "stateDir");
        Objects.requireNonNull(require, "require");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(space, "space");
        Objects.requireNonNull(onDoubt, "onDoubt");
    }
}
