package io.stillframe.storage.zfs;

import java.util.List;
import java.util.stream.Collectors;

/** The user properties that say what is ours. */
final class Marks {
    /** On a snapshot: the label of the run that took it. */
    static final String RUN = "io.stillframe:run";
    /** On a snapshot: the datasets of its pool that the run took one of, as they were named then; a comma is in no name. */
    static final String DATASETS = "io.stillframe:datasets";
    /** On a clone: what it was made for. A clone's own snapshots inherit it, which is why {@link #RUN} is another. */
    static final String CLONE = "io.stillframe:clone";
    /** On snapshots and clones: the machine, for a person who looks at the pool. */
    private static final String VM = "io.stillframe:vm";

    /** The longest value of a user property ({@code ZAP_MAXVALUELEN} counts a closing zero). */
    private static final int VALUE_MAX = 8191;

    private final String machine;

    /** @param machine the machine's UUID or name; at most 8 KiB, ZFS's limit of a value */
    Marks(String machine) {
        this.machine = machine;
    }

    /**
     * As {@code property=value}.
     *
     * @param snapshots those that one command takes
     */
    List<String> ofSnapshots(List<String> snapshots, String label) {
        String datasets = snapshots.stream().map(Place::datasetOf).collect(Collectors.joining(","));
        return datasets.length() > VALUE_MAX
                ? List.of(RUN + "=" + label, VM + "=" + machine)
                : List.of(RUN + "=" + label, DATASETS + "=" + datasets, VM + "=" + machine);
    }

    /** As {@code property=value}. */
    List<String> ofClone(String purpose) {
        return List.of(CLONE + "=" + purpose, VM + "=" + machine);
    }
}
