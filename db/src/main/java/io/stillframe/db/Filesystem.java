package io.stillframe.db;

import java.util.List;

/**
 * A filesystem that a freeze has to hold, as the guest's agent told of it: by its mountpoint, the guest's own name of the
 * device, its type, and the machine's disks that it lies on, as far as that is known.
 */
public record Filesystem(String mountpoint, String device, String type, List<String> disks) {
    public Filesystem {
        disks = List.copyOf(disks);
    }
}
