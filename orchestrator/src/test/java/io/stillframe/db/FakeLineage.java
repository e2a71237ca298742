package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** The records of snapshots in memory, and every machine's head. */
final class FakeLineage {
    private final Map<RunId, Entry> snapshots = new LinkedHashMap<>();
    private final Map<UUID, RunId> heads = new HashMap<>();

    /** What is kept of a snapshot. */
    static final class Entry {
        private final Run run;
        private final Instant takenAt;
        private Consistency consistency = Consistency.CRASH;
        private Optional<RunId> parent;
        private Optional<Instant> openedAt = Optional.empty();
        private boolean lost;
        private boolean removing;

        private Entry(Run run, Instant takenAt, Optional<RunId> parent) {
            this.run = run;
            this.takenAt = takenAt;
            this.parent = parent;
        }

        UUID vm() {
            return run.vm();
        }

        SnapshotState state() {
            SnapshotState unlessRemoved = lost ? SnapshotState.LOST : SnapshotState.PRESENT;
            return removing ? SnapshotState.REMOVING : unlessRemoved;
        }

        private Snapshot with(Optional<Intent> intent) {
            return new Snapshot(
                    run.id().label(),
                    run.id(),
                    run.vm(),
                    run.vmName(),
                    takenAt,
                    consistency,
                    state(),
                    parent,
                    openedAt,
                    intent.flatMap(Intent::policy),
                    intent.map(Intent::volumes).orElse(List.of()));
        }
    }

    Optional<Entry> find(RunId snapshot) {
        return Optional.ofNullable(snapshots.get(snapshot));
    }

    Stream<Snapshot> all(Function<RunId, Optional<Intent>> intents) {
        return snapshots.values().stream().map(entry -> entry.with(intents.apply(entry.run.id())));
    }

    Optional<RunId> head(UUID vm) {
        return Optional.ofNullable(heads.get(vm));
    }

    void record(Run run, Instant at) {
        if (snapshots.containsKey(run.id())) {
            throw new JournalException(Kind.IO, "run " + run.id().value() + " has its snapshot already", null);
        }
        snapshots.put(run.id(), new Entry(run, at, head(run.vm())));
        heads.put(run.vm(), run.id());
    }

    void reverted(RunId snapshot) {
        find(snapshot).ifPresent(entry -> heads.put(entry.vm(), snapshot));
    }

    void classify(RunId snapshot, Consistency proved) {
        find(snapshot).ifPresent(entry -> entry.consistency = proved);
    }

    void forget(RunId snapshot) {
        Entry gone = snapshots.remove(snapshot);
        if (gone == null) {
            return;
        }
        for (Entry entry : snapshots.values()) {
            if (entry.parent.equals(Optional.of(snapshot))) {
                entry.parent = gone.parent;
            }
        }
        heads.computeIfPresent(gone.vm(), (vm, head) -> head.equals(snapshot) ? gone.parent.orElse(null) : head);
    }

    void opened(RunId snapshot, Instant at) {
        Entry entry = find(snapshot)
                .filter(of -> of.state() == SnapshotState.PRESENT)
                .orElseThrow(() -> new JournalException(Kind.STALE, "there is no such snapshot to be opened", null));
        entry.openedAt = entry.openedAt.or(() -> Optional.of(at));
    }

    void closed(RunId snapshot) {
        find(snapshot).ifPresent(entry -> entry.openedAt = Optional.empty());
    }

    void lost(RunId snapshot) {
        settled(snapshot).ifPresent(entry -> entry.lost = true);
    }

    void found(RunId snapshot) {
        settled(snapshot).ifPresent(entry -> entry.lost = false);
    }

    private Optional<Entry> settled(RunId snapshot) {
        return find(snapshot).filter(entry -> !entry.removing);
    }

    void removing(RunId snapshot, boolean begun) {
        find(snapshot).ifPresent(entry -> entry.removing = begun);
    }
}
