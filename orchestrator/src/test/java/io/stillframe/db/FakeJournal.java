package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A journal in memory, by the same rules as the one on the disk; a test holds the two together. Closing it does nothing:
 * whoever opens it next finds it as it is.
 */
public final class FakeJournal implements Journal {
    private final Map<RunId, Entry> entries = new LinkedHashMap<>();
    private final Map<RunId, RunGroup> groups = new LinkedHashMap<>();
    private final FakeLineage lineage = new FakeLineage();
    private final FakeJobs jobs = new FakeJobs(lineage, this::rename);

    /** A run with all that is kept of it. */
    private static final class Entry {
        private Run run;
        private Optional<Intent> intent = Optional.empty();
        private final List<Transition> transitions = new ArrayList<>();
        private List<Evidence> evidence = List.of();
        private Optional<RunState> forced = Optional.empty();

        Entry(Run run) {
            this.run = run;
        }
    }

    /** The state in which a run would be after a power loss; empty where it would not be there. */
    public Optional<RunState> forced(RunId run) {
        return find(run).flatMap(entry -> entry.forced);
    }

    @Override
    public Run plan(RunId id, UUID vm, String vmName, Instant at) {
        if (entries.containsKey(id)) {
            throw new JournalException(Kind.IO, "there is a run " + id.value(), null);
        }
        jobs.requireNone(id);
        Run run = new Run(
                id, vm, vmName, RunState.PLANNED, 0, stored(at), OptionalInt.empty(), Optional.empty(), RunResult.NONE);
        Entry entry = new Entry(run);
        entry.transitions.add(new Transition(RunState.PLANNED, stored(at)));
        entries.put(id, entry);
        return run;
    }

    @Override
    public void intend(RunId run, Intent intent) {
        Entry entry = find(run)
                .filter(of -> of.intent.isEmpty())
                .orElseThrow(() -> stale("run %s is not there, or has its intent already".formatted(run.value())));
        Set<String> disks = new HashSet<>();
        if (!intent.volumes().stream().allMatch(volume -> disks.add(volume.disk()))) {
            throw new JournalException(Kind.IO, "a disk is named twice", null);
        }
        if (!entry.evidence.isEmpty() && !intent.evidence().isEmpty()) {
            throw new JournalException(Kind.IO, "an intent comes before all other evidence", null);
        }
        entry.intent = Optional.of(intent);
        entry.evidence = entry.evidence.isEmpty() ? intent.evidence() : entry.evidence;
    }

    @Override
    public Run advance(Run run, RunState to, Instant at) {
        Entry entry = move(run, to, run.frozen(), at);
        return entry.run;
    }

    @Override
    public Run froze(Run run, int filesystems, Instant at) {
        return move(run, RunState.FROZEN, OptionalInt.of(filesystems), at).run;
    }

    @Override
    public Run released(Run run, Instant at, RunResult result, List<Evidence> evidence) {
        return say(move(run, RunState.RELEASED, run.frozen(), at), Optional.empty(), result, evidence);
    }

    @Override
    public Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence) {
        return say(move(run, to, run.frozen(), at), Optional.of(stored(at)), result, evidence);
    }

    @Override
    public void force() {
        entries.values().forEach(entry -> entry.forced = Optional.of(entry.run.state()));
    }

    @Override
    public List<Run> runs(Optional<String> vm) {
        return all().filter(run -> vm.isEmpty() || isNamed(run.vmName(), run.vm(), vm.get()))
                .sorted(Comparator.comparing(Run::startedAt)
                        .reversed()
                        .thenComparing(run -> run.id().value()))
                .toList();
    }

    @Override
    public List<Run> newestRuns(int most) {
        return runs(Optional.empty()).stream().limit(most).toList();
    }

    @Override
    public List<Run> runsLike(String prefix) {
        return all().filter(run -> run.id().value().startsWith(prefix))
                .sorted(Comparator.comparing(run -> run.id().value()))
                .limit(2)
                .toList();
    }

    @Override
    public List<Run> unfinished() {
        return all().filter(run -> !run.state().isFinal())
                .sorted(Comparator.comparing(Run::startedAt))
                .toList();
    }

    @Override
    public Optional<Intent> intent(RunId run) {
        return find(run).flatMap(entry -> entry.intent);
    }

    @Override
    public List<Transition> transitions(RunId run) {
        return read(run, entry -> List.copyOf(entry.transitions));
    }

    @Override
    public List<RunVolume> volumes(RunId run) {
        return intent(run).map(Intent::volumes).orElse(List.of());
    }

    @Override
    public Map<RunId, List<RunVolume>> volumes(UUID vm) {
        return entries.values().stream()
                .filter(entry -> entry.run.vm().equals(vm))
                .map(entry -> entry.run.id())
                .filter(run -> !volumes(run).isEmpty())
                .collect(Collectors.toMap(run -> run, this::volumes));
    }

    @Override
    public List<Evidence> evidence(RunId run) {
        return read(run, entry -> entry.evidence);
    }

    @Override
    public List<Snapshot> snapshots(Optional<String> vm) {
        return lineage.all(this::intent)
                .filter(of -> vm.isEmpty() || isNamed(of.vmName(), of.vm(), vm.get()))
                .sorted(Comparator.comparing(Snapshot::takenAt)
                        .reversed()
                        .thenComparing(of -> of.run().value()))
                .toList();
    }

    @Override
    public List<Snapshot> newestSnapshots(int most) {
        Map<RunId, Snapshot> snapshots =
                snapshots(Optional.empty()).stream().collect(Collectors.toMap(Snapshot::run, snapshot -> snapshot));
        Set<RunId> newest = runs(Optional.empty()).stream()
                .map(Run::id)
                .filter(snapshots::containsKey)
                .limit(most)
                .collect(Collectors.toSet());
        return snapshots(Optional.empty()).stream()
                .filter(snapshot -> newest.contains(snapshot.run()))
                .toList();
    }

    @Override
    public List<Snapshot> snapshotsLike(String prefix) {
        return snapshots(Optional.empty()).stream()
                .filter(snapshot -> snapshot.run().value().startsWith(prefix))
                .sorted(Comparator.comparing(snapshot -> snapshot.run().value()))
                .limit(2)
                .toList();
    }

    @Override
    public void plan(RunGroup group) {
        if (groups.containsKey(group.id())
                || group.members().stream().anyMatch(run -> groupOf(run).isPresent())) {
            throw new JournalException(Kind.IO, "there is a group " + group.id().value(), null);
        }
        groups.put(group.id(), group);
    }

    @Override
    public RunGroup prove(RunGroup group, OneInstant proof) {
        RunGroup known = groups.get(group.id());
        boolean released = known != null
                && known.members().stream()
                        .allMatch(run -> find(run)
                                .filter(of -> of.run.state() == RunState.RELEASED)
                                .isPresent());
        if (!released || known.proof().isPresent()) {
            throw stale("the members of group %s are not all released, or it is proved already"
                    .formatted(group.id().value()));
        }
        groups.put(group.id(), known.proved(proof));
        return groups.get(group.id());
    }

    @Override
    public Optional<RunGroup> groupOf(RunId run) {
        return groups.values().stream().filter(of -> of.members().contains(run)).findFirst();
    }

    @Override
    public Job begin(Job job) {
        if (entries.containsKey(job.id()) && job.isBeginning()) {
            throw new JournalException(Kind.IO, "there is a run " + job.id().value(), null);
        }
        return jobs.begin(job, stored(job.startedAt()));
    }

    @Override
    public Job finish(Job job, JobState to, Instant at, Optional<RunError> error) {
        return jobs.finish(job, to, stored(at), error);
    }

    @Override
    public Job giveUp(Job job, Instant at, RunError word, List<JobChange> made) {
        return jobs.giveUp(job, stored(at), word, made);
    }

    @Override
    public void opened(RunId snapshot, Instant at) {
        lineage.opened(snapshot, stored(at));
    }

    @Override
    public void closed(RunId snapshot) {
        lineage.closed(snapshot);
    }

    @Override
    public void lost(RunId snapshot) {
        lineage.lost(snapshot);
    }

    @Override
    public void found(RunId snapshot) {
        lineage.found(snapshot);
    }

    @Override
    public List<UUID> machines() {
        return all().map(Run::vm).distinct().toList();
    }

    @Override
    public Expired expired(UUID vm, Instant before) {
        return history(vm).endedBefore(before);
    }

    @Override
    public Optional<Expired> prune(UUID vm, Instant before, int most) {
        if (all().anyMatch(run -> run.state().mayBeHeld())) {
            return Optional.empty();
        }
        Expired gone = history(vm).endedBefore(before).first(most);
        gone.jobs().forEach(jobs::forget);
        gone.runs().forEach(entries::remove);
        groups.values()
                .removeIf(group -> group.members().stream().anyMatch(gone.runs()::contains)
                        && group.members().stream().noneMatch(entries::containsKey));
        return Optional.of(gone);
    }

    private History history(UUID vm) {
        Optional<String> name = Optional.of(vm.toString());
        Map<RunId, List<RunVolume>> volumes = new HashMap<>();
        List<Run> runs = runs(name);
        runs.forEach(run -> volumes.put(run.id(), volumes(run.id())));
        Map<RunId, Instant> taken = new HashMap<>();
        snapshots(name).forEach(snapshot -> taken.put(snapshot.run(), snapshot.takenAt()));
        return new History(runs, volumes, taken, jobs(name));
    }

    @Override
    public Optional<RunId> head(UUID vm) {
        return lineage.head(vm);
    }

    @Override
    public List<Job> jobs(Optional<String> vm) {
        return jobs.jobs(vm);
    }

    @Override
    public List<Job> jobsLike(String prefix) {
        return jobs.jobsLike(prefix);
    }

    @Override
    public List<Job> unfinishedJobs() {
        return jobs.unfinished();
    }

    @Override
    public boolean isWorn() {
        return false;
    }

    @Override
    public void close() {}

    private Entry move(Run run, RunState to, OptionalInt frozen, Instant at) {
        Entry entry = find(run.id())
                .filter(of -> of.run.version() == run.version())
                .orElseThrow(() -> stale("run %s is no longer at version %d: somebody else has moved it"
                        .formatted(run.id().value(), run.version())));
        if (to == RunState.SNAPSHOTTED) {
            lineage.record(entry.run, stored(at));
        }
        entry.transitions.add(new Transition(to, stored(at)));
        entry.run = copy(run, to, run.version() + 1, frozen, run.endedAt(), run.result());
        return entry;
    }

    private Run say(Entry entry, Optional<Instant> endedAt, RunResult result, List<Evidence> evidence) {
        Run run = entry.run;
        entry.run = copy(run, run.state(), run.version(), run.frozen(), endedAt, result);
        entry.evidence = List.copyOf(evidence);
        if (run.state() == RunState.FAILED) {
            lineage.forget(run.id());
        } else {
            lineage.classify(run.id(), result.consistency().orElse(Consistency.CRASH));
        }
        return entry.run;
    }

    private void rename(UUID vm, JobChange change) {
        if (change.from().equals(change.to())) {
            return;
        }
        for (Entry entry : entries.values()) {
            if (entry.run.vm().equals(vm)) {
                entry.intent = entry.intent.map(of -> new Intent(
                        of.policy(),
                        of.required(),
                        of.filesystems(),
                        of.freezeLimit(),
                        of.evidence(),
                        of.volumes().stream()
                                .map(volume -> renamed(volume, change))
                                .toList(),
                        of.held()));
            }
        }
    }

    private static RunVolume renamed(RunVolume volume, JobChange change) {
        boolean mine = volume.driver().equals(change.driver());
        boolean snapshot = mine && volume.snapshot().equals(change.from());
        boolean active = mine && volume.active().equals(change.from());
        return new RunVolume(
                volume.disk(),
                volume.driver(),
                snapshot ? change.to() : volume.snapshot(),
                snapshot ? change.format() : volume.format(),
                active ? change.to() : volume.active(),
                volume.quiesce());
    }

    private static Run copy(
            Run run, RunState state, long version, OptionalInt frozen, Optional<Instant> endedAt, RunResult result) {
        return new Run(run.id(), run.vm(), run.vmName(), state, version, run.startedAt(), frozen, endedAt, result);
    }

    private Stream<Run> all() {
        return entries.values().stream().map(entry -> entry.run);
    }

    private Optional<Entry> find(RunId run) {
        return Optional.ofNullable(entries.get(run));
    }

    private <T> List<T> read(RunId run, Function<Entry, List<T>> what) {
        return find(run).map(what).orElse(List.of());
    }

    static boolean isNamed(String name, UUID uuid, String vm) {
        return name.equals(vm) || uuid.toString().equals(vm);
    }

    private static Instant stored(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    private static JournalException stale(String message) {
        return new JournalException(Kind.STALE, message, null);
    }
}
