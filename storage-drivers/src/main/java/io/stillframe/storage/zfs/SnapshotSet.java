package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Takes and removes the snapshots of one run, by their names and nothing else. */
final class SnapshotSet {
    private final Zfs zfs;
    private final Marks marks;

    SnapshotSet(Zfs zfs, Marks marks) {
        this.zfs = zfs;
        this.marks = marks;
    }

    /** Those that are there and bear our mark. */
    List<String> ours(List<String> snapshots, String label) {
        return snapshots.stream().filter(snapshot -> isOurs(snapshot, label)).toList();
    }

    boolean isOurs(String snapshot, String label) {
        return zfs.get(snapshot, Marks.RUN)
                .filter(of -> of.kept(Marks.RUN, label))
                .isPresent();
    }

    /** One command a pool. Nothing is asked before it: inside the window only a command that failed is worth a question. */
    Outcome create(List<String> snapshots, String label) {
        Map<String, List<String>> byPool = snapshots.stream()
                .collect(Collectors.groupingBy(Place::poolOf, LinkedHashMap::new, Collectors.toList()));
        List<Outcome> ends = new ArrayList<>();
        for (List<String> ofPool : byPool.values()) {
            Outcome end = createInPool(ofPool, label);
            if (end instanceof Outcome.Refused refused && !ends.isEmpty()) {
                return new Outcome.Indeterminate("%s; other pools have theirs".formatted(refused.reason()));
            }
            if (!(end instanceof Outcome.Done || end instanceof Outcome.AlreadyDone)) {
                return end;
            }
            ends.add(end);
        }
        return ends.stream().anyMatch(Outcome.Done.class::isInstance) ? new Outcome.Done() : new Outcome.AlreadyDone();
    }

    private Outcome createInPool(List<String> snapshots, String label) {
        Outcome end = zfs.snapshot(snapshots, marks.ofSnapshots(snapshots, label));
        if (!(end instanceof Outcome.Refused)) {
            return end;
        }
        try {
            int there = ours(snapshots, label).size();
            if (there == snapshots.size()) {
                return new Outcome.AlreadyDone();
            }
            return there == 0 ? end : new Outcome.Indeterminate("a part of the set is there from an earlier call");
        } catch (CommandException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
    }

    /**
     * Where a snapshot of a run that is not in its place may be instead. Those of a dataset go with it when it is renamed, and
     * to a clone that is promoted: what a run took is found then where it took nothing. Empty where there is nothing of the kind.
     */
    Optional<String> moved(String pool, String label) {
        return zfs.snapshotsNamed(label, pool).stream()
                .filter(snapshot -> isElsewhere(snapshot, label))
                .findFirst()
                .map("%s is of its run and was not taken there: a dataset was renamed, or a clone promoted"::formatted);
    }

    private boolean isElsewhere(String snapshot, String label) {
        return zfs.get(snapshot, Marks.RUN, Marks.DATASETS)
                .filter(of -> of.marked(Marks.RUN, label))
                .map(of -> of.value(Marks.DATASETS))
                .filter(datasets -> !datasets.equals("-"))
                .filter(datasets -> !List.of(datasets.split(",", -1)).contains(Place.datasetOf(snapshot)))
                .isPresent();
    }

    /**
     * Removes what is ours, all that can be; what is not there and what is somebody else's counts as done, unless something of
     * the run is found elsewhere.
     */
    Outcome destroy(List<String> snapshots, String label) {
        List<String> ours = ours(snapshots, label);
        List<Outcome> ends = new ArrayList<>(ours.stream().map(zfs::destroy).toList());
        snapshots.stream()
                .filter(snapshot -> !ours.contains(snapshot))
                .map(Place::poolOf)
                .distinct()
                .flatMap(pool -> moved(pool, label).stream())
                .map(Outcome.Indeterminate::new)
                .forEach(ends::add);
        return ends.stream()
                .filter(end -> !(end instanceof Outcome.Done))
                .findFirst()
                .orElseGet(() -> ends.isEmpty() ? new Outcome.AlreadyDone() : new Outcome.Done());
    }
}
