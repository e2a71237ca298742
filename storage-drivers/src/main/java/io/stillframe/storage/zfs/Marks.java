package io.stillframe.storage.zfs;

import java.util.List;

/** The user properties that say what is ours. */
final class Marks {
    /** On a snapshot: the label of the run that took it. */
    static final String RUN = "io.stillframe:run";
    /** On a clone: what it was made for. A clone's own snapshots inherit it, which is why {@link #RUN} is another. */
    static final String CLONE = "io.stillframe:clone";
    /** On both: the machine, for a person who looks at the pool. */
    private static final String VM = "io.stillframe:vm";

    private final String machine;

    /** @param machine the machine's UUID or name; at most 8 KiB, ZFS's limit of a value */
    Marks(String machine) {
        this.machine = machine;
    }

    /** As {@code property=value}. */
    List<String> ofSnapshot(String label) {
        return List.of(RUN + "=" + label, VM + "=" + machine);
    }

    /** As {@code property=value}. */
    List<String> ofClone(String purpose) {
        return List.of(CLONE + "=" + purpose, VM + "=" + machine);
    }
}
