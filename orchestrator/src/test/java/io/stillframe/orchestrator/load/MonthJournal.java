package io.stillframe.orchestrator.load;

import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.PruneHistory;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.orchestrator.policy.DueTimes;
import io.stillframe.orchestrator.policy.Judgement;
import io.stillframe.orchestrator.policy.Moment;
import io.stillframe.orchestrator.policy.Retention;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The journal of a month that is lived run by run, on a clock of its own: each change is what the program writes, and each
 * removal what its retention says. It is closed and opened again when it is worn, as a daemon's is.
 */
final class MonthJournal implements AutoCloseable {
    private final Path directory;
    private final Collection<Policy> policies;
    private final RunRecord model;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, String> actives = new HashMap<>();
    private Journal journal;
    private long runs;
    private long removals;

    /** A run that is due. */
    private record Due(Instant at, Policy policy) {}

    MonthJournal(Path directory, Collection<Policy> policies, RunRecord model) {
        this.directory = directory;
        this.policies = policies;
        this.model = model;
        this.journal = Journal.open(directory);
    }

    /** Every run that is due, one after the other, each with what it removes. */
    void live(Instant begin, Instant end) {
        policies.stream()
                .flatMap(policy -> new DueTimes(policy.timetable())
                        .from(begin)
                        .takeWhile(end::isAfter)
                        .map(at -> new Due(at, policy)))
                .sorted(Comparator.comparing(Due::at))
                .forEach(due -> {
                    take(due.policy(), due.at());
                    retain(due.policy(), due.at().plusSeconds(1));
                });
    }

    private void take(Policy policy, Instant at) {
        DomainId vm = SimulatedMachines.id(policy.name());
        RunId id = id();
        String image = SimulatedStorage.image(vm.name());
        VolumeSnapshot made = SimulatedStorage.planned(image, actives.getOrDefault(vm.name(), image), id.label());
        model.repeat(journal, id, vm, made, at);
        actives.put(vm.name(), made.active());
        runs++;
        if (journal.isWorn()) {
            reopen();
        }
    }

    private void retain(Policy policy, Instant now) {
        String vm = SimulatedMachines.id(policy.name()).uuid().toString();
        Map<String, Snapshot> byId = new HashMap<>();
        journal.snapshots(Optional.of(vm)).forEach(snapshot -> byId.put(snapshot.id(), snapshot));
        for (Judgement judgement :
                new Retention(policy).of(byId.values().stream().map(Moment::of).toList(), now)) {
            if (!judgement.kept()) {
                RunRecord.remove(journal, byId.get(judgement.moment().id()), id(), now);
                removals++;
            }
        }
    }

    /** None that a copy could have. */
    private RunId id() {
        RunId id = RunId.random(random);
        return id.value().startsWith(RunRecord.COPIED) ? id() : id;
    }

    /** As the daemon does now and then; tells how many runs and jobs went. */
    int prune(Instant before) {
        PruneHistory.Pruned pruned = new PruneHistory(journal, new VirtualTiming(), () -> false).of(before);
        return pruned.runs() + pruned.jobs();
    }

    /** Closed and opened again: compacted where it is worth it. */
    void reopen() {
        journal.close();
        journal = Journal.open(directory);
    }

    long bytes() {
        try {
            return Files.size(directory.resolve("journal.mv.db"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long runs() {
        return runs;
    }

    long removals() {
        return removals;
    }

    /** What it has of runs, snapshots and jobs. */
    String contents() {
        return "%d runs, %d snapshots, %d jobs"
                .formatted(
                        journal.runs(Optional.empty()).size(),
                        journal.snapshots(Optional.empty()).size(),
                        journal.jobs(Optional.empty()).size());
    }

    @Override
    public void close() {
        journal.close();
    }
}
