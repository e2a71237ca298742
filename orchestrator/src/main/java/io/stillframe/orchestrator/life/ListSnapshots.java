package io.stillframe.orchestrator.life;

import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.orchestrator.workflow.Recorded;
import io.stillframe.storage.Condition;
import io.stillframe.storage.SnapshotStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The snapshots that the journal has, and how it is with them by their storage. Every machine is asked on a thread of its
 * own and for a limited time: what does not answer is not known, and holds up nothing else.
 */
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
            List<Long> known = volumes.values().stream()
                    .filter(Condition.Present.class::isInstance)
                    .map(condition -> ((Condition.Present) condition).bytes())
                    .filter(OptionalLong::isPresent)
                    .map(OptionalLong::getAsLong)
                    .toList();
            return known.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(known.stream().mapToLong(Long::longValue).sum());
        }
    }

    /**
     * All of them, or those of a machine by its name or UUID, the newest first. What its storage has lost is journaled as
     * lost.
     */
    public List<Standing> of(Optional<String> vm) {
        List<Snapshot> snapshots = journal.snapshots(vm);
        Map<RunId, Map<RunVolume, Condition>> answers = ask(snapshots);
        List<Standing> standings = new ArrayList<>();
        for (Snapshot snapshot : snapshots) {
            Map<RunVolume, Condition> conditions = new LinkedHashMap<>();
            snapshot.volumes().forEach(volume -> conditions.put(
                    volume,
                    answers.get(snapshot.run())
                            .getOrDefault(
                                    volume,
                                    new Condition.Unknown("no answer within %d s".formatted(patience.toSeconds())))));
            boolean head = journal.head(snapshot.vm()).equals(Optional.of(snapshot.run()));
            standings.add(new Standing(recordLoss(snapshot, conditions), head, conditions));
        }
        return standings;
    }

    /** One lost volume and the moment of the whole machine is lost. */
    private Snapshot recordLoss(Snapshot snapshot, Map<RunVolume, Condition> conditions) {
        if (snapshot.state() != SnapshotState.PRESENT
                || conditions.values().stream().noneMatch(Condition.Lost.class::isInstance)) {
            return snapshot;
        }
        journal.lost(snapshot.run());
        return journal.snapshots(Optional.of(snapshot.vm().toString())).stream()
                .filter(of -> of.run().equals(snapshot.run()))
                .findFirst()
                .orElse(snapshot);
    }

    private Map<RunId, Map<RunVolume, Condition>> ask(List<Snapshot> snapshots) {
        Map<RunId, Map<RunVolume, Condition>> answers = new ConcurrentHashMap<>();
        Map<UUID, List<Snapshot>> byMachine = new LinkedHashMap<>();
        for (Snapshot snapshot : snapshots) {
            answers.put(snapshot.run(), new ConcurrentHashMap<>());
            byMachine.computeIfAbsent(snapshot.vm(), any -> new ArrayList<>()).add(snapshot);
        }
        reach(answers, snapshots).ifPresent(reached -> askAll(reached, byMachine, answers));
        return answers;
    }

    private Optional<Machines> reach(Map<RunId, Map<RunVolume, Condition>> answers, List<Snapshot> snapshots) {
        try {
            return snapshots.isEmpty() ? Optional.empty() : Optional.of(machines.get());
        } catch (RuntimeException e) {
            // the journal can be listed without libvirt
            unknown(snapshots, answers, e);
            return Optional.empty();
        }
    }

    private void askAll(
            Machines reached, Map<UUID, List<Snapshot>> byMachine, Map<RunId, Map<RunVolume, Condition>> answers) {
        CountDownLatch unanswered = new CountDownLatch(byMachine.size());
        List<Timing.Worker> workers = new ArrayList<>();
        byMachine.forEach((vm, of) -> {
            Timing.Worker worker = timing.worker("conditions of " + vm);
            workers.add(worker);
            worker.run(() -> {
                try {
                    ask(reached, of, answers);
                } finally {
                    unanswered.countDown();
                }
            });
        });
        await(unanswered);
        workers.forEach(Timing.Worker::close);
    }

    private void await(CountDownLatch unanswered) {
        try {
            // those that come too late are left out
            var unused = unanswered.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void ask(
            Machines machines, List<Snapshot> ofOneMachine, Map<RunId, Map<RunVolume, Condition>> answers) {
        Snapshot any = ofOneMachine.get(0);
        try (Domain domain = machines.hypervisor().domain(new DomainId(any.vm(), any.vmName()))) {
            List<SnapshotStore> stores = machines.stores().of(domain, OptionalLong.empty());
            for (Snapshot snapshot : ofOneMachine) {
                snapshot.volumes()
                        .forEach(volume -> answers.get(snapshot.run()).put(volume, condition(volume, stores)));
            }
        } catch (RuntimeException e) {
            // a machine that cannot be asked is told of in the list, with the reason
            unknown(ofOneMachine, answers, e);
        }
    }

    private static void unknown(
            List<Snapshot> snapshots, Map<RunId, Map<RunVolume, Condition>> answers, RuntimeException why) {
        for (Snapshot snapshot : snapshots) {
            snapshot.volumes()
                    .forEach(volume -> answers.get(snapshot.run())
                            .putIfAbsent(volume, new Condition.Unknown(String.valueOf(why.getMessage()))));
        }
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
