package io.stillframe.orchestrator.life;

import io.stillframe.db.RunId;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Examine;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.orchestrator.workflow.Recorded;
import io.stillframe.storage.Condition;
import io.stillframe.storage.SnapshotStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the storage of many machines answers. A few threads ask one machine after the other, for a limited time: what does
 * not answer is not known. It holds up nothing else, for every moment that not all is answered more threads ask.
 */
final class Inquiry {
    private static final Duration MOMENT = Duration.ofMillis(50);
    /** With ten seconds of patience no fewer than 1600 machines that do not answer leave nobody to ask the others. */
    private static final int MORE = 8;

    /** Those whose storage hangs: each has one thread of this process wait for it, however often is asked. */
    private static final Set<UUID> HANGING = ConcurrentHashMap.newKeySet();

    private static final List<Check> GONE = List.of(Check.warn(
            "definition",
            "the machine is no more; its snapshots can be opened, cloned without --name, and deleted",
            "define it again to revert it"));

    private final Map<Place, Condition> conditions = new ConcurrentHashMap<>();
    private final Map<UUID, List<Check>> checks = new ConcurrentHashMap<>();
    private final Set<UUID> asked = ConcurrentHashMap.newKeySet();
    private final Condition unanswered;

    /** A volume of a snapshot. */
    private record Place(RunId snapshot, String disk) {}

    private Inquiry(Duration patience) {
        unanswered = new Condition.Unknown("no answer within %d s".formatted(patience.toSeconds()));
    }

    /**
     * Asks about all of these, and returns when everything is answered or the patience is at its end.
     *
     * @param machines may throw where libvirt does not answer; not asked for where there is nothing to ask
     */
    static Inquiry of(List<Snapshot> snapshots, Supplier<Machines> machines, Timing timing, Duration patience) {
        Inquiry inquiry = new Inquiry(patience);
        if (!snapshots.isEmpty()) {
            try {
                inquiry.askAll(snapshots, machines.get(), timing, patience);
            } catch (RuntimeException e) {
                // the journal can be listed without libvirt
                inquiry.unknown(snapshots, e);
            }
        }
        return inquiry;
    }

    Condition condition(Snapshot snapshot, RunVolume volume) {
        return conditions.getOrDefault(new Place(snapshot.run(), volume.disk()), unanswered);
    }

    /** What stands against another snapshot of a machine's disks, or soon will. */
    List<Check> concerns(UUID vm) {
        return checks.getOrDefault(vm, List.of()).stream()
                .filter(check -> check.status() != Check.Status.OK)
                .toList();
    }

    private void askAll(List<Snapshot> snapshots, Machines machines, Timing timing, Duration patience) {
        Map<UUID, List<Snapshot>> byMachine = new LinkedHashMap<>();
        snapshots.forEach(snapshot -> byMachine
                .computeIfAbsent(snapshot.vm(), any -> new ArrayList<>())
                .add(snapshot));
        Queue<List<Snapshot>> waiting = new ConcurrentLinkedQueue<>(byMachine.values());
        CountDownLatch unasked = new CountDownLatch(byMachine.size());
        List<Timing.Worker> workers = new ArrayList<>();
        long moments = Math.max(1, patience.dividedBy(MOMENT));
        boolean over = false;
        for (long moment = 0; moment < moments && !over; moment++) {
            for (int i = 0; i < MORE && workers.size() < byMachine.size(); i++) {
                Timing.Worker worker = timing.worker("storage");
                workers.add(worker);
                worker.run(() -> askEach(machines, waiting, unasked));
            }
            over = isOver(unasked);
        }
        // what comes too late is left out, and nobody is asked any more
        waiting.clear();
        workers.forEach(Timing.Worker::close);
        for (UUID vm : asked) {
            HANGING.add(vm);
            if (!asked.contains(vm)) {
                HANGING.remove(vm); // it has answered meanwhile
            }
        }
    }

    private void askEach(Machines machines, Queue<List<Snapshot>> waiting, CountDownLatch unasked) {
        for (List<Snapshot> next = waiting.poll(); next != null; next = waiting.poll()) {
            try {
                ask(machines, next);
            } finally {
                unasked.countDown();
            }
        }
    }

    /** Whether all is answered, now or within a moment, or nobody wants to know any more. */
    private static boolean isOver(CountDownLatch unasked) {
        try {
            return unasked.await(MOMENT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void ask(Machines machines, List<Snapshot> ofOneMachine) {
        UUID vm = ofOneMachine.get(0).vm();
        if (HANGING.contains(vm)) {
            return;
        }
        asked.add(vm);
        try {
            askNow(machines, ofOneMachine);
        } finally {
            asked.remove(vm);
            HANGING.remove(vm);
        }
    }

    private void askNow(Machines machines, List<Snapshot> ofOneMachine) {
        Snapshot any = ofOneMachine.get(0);
        try (Domain domain = StoredSnapshot.domain(machines, any)) {
            List<SnapshotStore> stores = machines.stores().of(domain, OptionalLong.empty()).stream()
                    .map(SnapshotStore::glance)
                    .toList();
            for (Snapshot snapshot : ofOneMachine) {
                snapshot.volumes()
                        .forEach(volume ->
                                conditions.put(new Place(snapshot.run(), volume.disk()), condition(volume, stores)));
            }
            checks.put(any.vm(), domain instanceof GoneMachine ? GONE : Examine.disks(machines, domain));
        } catch (RuntimeException e) {
            // a machine that cannot be asked is told of in the list, with the reason
            unknown(ofOneMachine, e);
        }
    }

    private void unknown(List<Snapshot> snapshots, RuntimeException why) {
        Condition unknown = new Condition.Unknown(String.valueOf(why.getMessage()));
        snapshots.forEach(snapshot -> snapshot.volumes()
                .forEach(volume -> conditions.putIfAbsent(new Place(snapshot.run(), volume.disk()), unknown)));
    }

    private static Condition condition(RunVolume volume, List<SnapshotStore> stores) {
        try {
            return StoredSnapshot.store(volume, stores).condition(Recorded.planned(volume));
        } catch (RuntimeException e) {
            // one broken backend must not hide what the others say
            return new Condition.Unknown(String.valueOf(e.getMessage()));
        }
    }
}
