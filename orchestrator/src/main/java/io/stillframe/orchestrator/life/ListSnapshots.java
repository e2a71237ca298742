package io.stillframe.orchestrator.life;

import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.Condition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** The snapshots that the journal has, and how it is with them by their storage. */
public final class ListSnapshots {
    private final Journal journal;
    private final Supplier<Machines> machines;
    private final Timing timing;
    private final Duration patience;

    /**
     * Asks nothing yet.
     *
     * @param machines may throw where libvirt does not answer; asked for only when there is a snapshot
     * @param patience how long all backends together are waited for
     */
    public ListSnapshots(Journal journal, Supplier<Machines> machines, Timing timing, Duration patience) {
        this.journal = journal;
        this.machines = machines;
        this.timing = timing;
        this.patience = patience;
    }

    /**
     * A snapshot as it is.
     *
     * @param head whether its machine's present images come from it
     * @param volumes each with its condition, in the order of the snapshot's
     */
    public record Standing(Snapshot snapshot, boolean head, Map<RunVolume, Condition> volumes) {
        /** What its volumes really take, as far as is known; empty where nothing is. */
        public OptionalLong bytes() {
            Set<String> counted = new HashSet<>();
            return volumes.values().stream()
                    .filter(Condition.Present.class::isInstance)
                    .map(Condition.Present.class::cast)
                    .filter(present -> present.bytes().isPresent())
                    .filter(present -> present.sharedAs().map(counted::add).orElse(true))
                    .map(present -> present.bytes().getAsLong())
                    .reduce(Long::sum)
                    .map(OptionalLong::of)
                    .orElseGet(OptionalLong::empty);
        }
    }

    /**
     * What there is.
     *
     * @param snapshots the newest first
     * @param concerns by machine, what stands against another snapshot of its disks, or soon will: space, above all
     */
    public record Listing(List<Standing> snapshots, Map<String, List<Check>> concerns) {}

    /** Those of a machine by its name or UUID. What its storage has lost is journaled as lost, until it is back. */
    public Listing of(String vm) {
        return of(journal.snapshots(Optional.of(vm)));
    }

    /** The same of all machines: those that were taken last, so many at most. */
    public Listing newest(int most) {
        return of(journal.newestSnapshots(most));
    }

    private Listing of(List<Snapshot> snapshots) {
        Inquiry inquiry = Inquiry.of(snapshots, machines, timing, patience);
        List<Standing> standings = new ArrayList<>();
        Map<String, List<Check>> concerns = new LinkedHashMap<>();
        Map<UUID, Optional<RunId>> heads = new HashMap<>();
        for (Snapshot snapshot : snapshots) {
            Map<RunVolume, Condition> conditions = new LinkedHashMap<>();
            snapshot.volumes().forEach(volume -> conditions.put(volume, inquiry.condition(snapshot, volume)));
            boolean head = heads.computeIfAbsent(snapshot.vm(), journal::head).equals(Optional.of(snapshot.run()));
            standings.add(new Standing(recordLoss(snapshot, conditions), head, conditions));
            concerns.put(snapshot.vmName(), inquiry.concerns(snapshot.vm()));
        }
        return new Listing(standings, concerns);
    }

    /** One lost volume and the moment of the whole machine is lost; all of them there, and it is not. */
    private Snapshot recordLoss(Snapshot snapshot, Map<RunVolume, Condition> conditions) {
        boolean isLost = conditions.values().stream().anyMatch(Condition.Lost.class::isInstance);
        boolean isWhole = conditions.values().stream().allMatch(Condition.Present.class::isInstance);
        if (snapshot.state() == SnapshotState.PRESENT && isLost) {
            journal.lost(snapshot.run());
        } else if (snapshot.state() == SnapshotState.LOST && isWhole && !AbandonJob.wasGivenUp(journal, snapshot)) {
            journal.found(snapshot.run());
        } else {
            return snapshot;
        }
        return journal.snapshots(Optional.of(snapshot.vm().toString())).stream()
                .filter(of -> of.run().equals(snapshot.run()))
                .findFirst()
                .orElse(snapshot);
    }
}
