package io.stillframe.orchestrator.load;

import io.stillframe.config.Policy;
import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.policy.DueTimes;
import io.stillframe.orchestrator.policy.Judgement;
import io.stillframe.orchestrator.policy.Moment;
import io.stillframe.orchestrator.policy.Retention;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The journal of the simulated month, on a clock of its own. It is closed and opened again when it is worn, as a daemon's is. */
final class MonthJournal implements AutoCloseable {
    private final Path directory;
    private final Map<String, Policy> policies;
    private final RunRecord model;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, String> actives = new HashMap<>();
    private final List<Duration> openings = new ArrayList<>();
    private Journal journal;
    private long largest;
    private long runs;
    private long removals;

    /** A run that is due. */
    private record Due(Instant at, Policy policy) {}

    MonthJournal(Path directory, Map<String, Policy> policies, RunRecord model) {
        this.directory = directory;
        this.policies = policies;
        this.model = model;
        open();
    }

    /** Writes what the policies have left at a time: nothing but the runs whose snapshots are kept. */
    void fill(Instant begin, Instant end) {
        Map<String, List<Instant>> kept = new HashMap<>();
        List<Due> left = new ArrayList<>();
        for (Policy policy : policies.values()) {
            // those that are due at the same times keep the same
            kept.computeIfAbsent(policy.timetable().toString(), any -> kept(policy, begin, end))
                    .forEach(at -> left.add(new Due(at, policy)));
        }
        left.stream().sorted(Comparator.comparing(Due::at)).forEach(due -> take(due.policy(), due.at()));
    }

    private static List<Instant> kept(Policy policy, Instant begin, Instant end) {
        List<Moment> all = new DueTimes(policy.timetable())
                .from(begin)
                .takeWhile(end::isAfter)
                .map(at -> new Moment(
                        at.toString(), at, Optional.of(policy.name()), SnapshotState.PRESENT, true, false))
                .toList();
        return new Retention(policy)
                .of(all, end).stream()
                        .filter(Judgement::kept)
                        .map(judgement -> judgement.moment().takenAt())
                        .toList();
    }

    /** Every run that is due, one after the other, each with what it removes. */
    void live(Instant begin, Instant end) {
        policies.values().stream()
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
        RunId id = RunId.random(random);
        String image = "/var/lib/libvirt/images/%s.qcow2".formatted(vm.name());
        VolumeSnapshot made =
                SimulatedStorage.planned(image, actives.getOrDefault(vm.name(), image), id.label());
        model.repeat(journal, id, vm, made, at);
        actives.put(vm.name(), made.active());
        runs++;
        if (runs % 100 == 0) {
            reopenWhereWorn();
        }
    }

    private void retain(Policy policy, Instant now) {
        List<Snapshot> snapshots = journal.snapshots(
                Optional.of(SimulatedMachines.id(policy.name()).uuid().toString()));
        Map<String, Snapshot> byId = new HashMap<>();
        snapshots.forEach(snapshot -> byId.put(snapshot.id(), snapshot));
        for (Judgement judgement :
                new Retention(policy).of(snapshots.stream().map(Moment::of).toList(), now)) {
            if (!judgement.kept()) {
                RunRecord.remove(journal, byId.get(judgement.moment().id()), now, random);
                removals++;
            }
        }
    }

    private void reopenWhereWorn() {
        if (journal.isWorn()) {
            reopen();
        }
    }

    /** Closed and opened again: compacted where more than half of it is garbage. */
    void reopen() {
        largest = Math.max(largest, bytes());
        journal.close();
        open();
    }

    private void open() {
        long since = System.nanoTime();
        journal = Journal.open(directory);
        openings.add(Duration.ofNanos(System.nanoTime() - since));
    }

    long bytes() {
        try {
            return Files.size(directory.resolve("journal.mv.db"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The most that it came to before it was compacted. */
    long largest() {
        return Math.max(largest, bytes());
    }

    /** How long each opening took, compaction included. */
    List<Duration> openings() {
        return openings;
    }

    long runs() {
        return runs;
    }

    long removals() {
        return removals;
    }

    @Override
    public void close() {
        journal.close();
    }
}
