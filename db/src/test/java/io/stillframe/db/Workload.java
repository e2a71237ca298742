package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.EVIDENCE;
import static io.stillframe.db.Sample.PROVED;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.VM;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Runs that begin, go on and end at random, several at a time, jobs with their snapshots, and what was to be read after
 * every change.
 */
final class Workload {
    private static final List<RunState> WAY = List.of(
            RunState.PLANNED,
            RunState.PREPARED,
            RunState.FREEZING,
            RunState.FROZEN,
            RunState.QUIESCED,
            RunState.SNAPSHOTTED,
            RunState.UPDATED,
            RunState.RELEASED,
            RunState.COMPLETED);

    private final Random random;
    private final Path directory;
    private final TapedDisk disk;

    /** What there was to read: first of all nothing, then after every change. */
    private final List<List<Object>> states = new ArrayList<>();

    /** Where the tape stood when the change to each state had returned. */
    private final List<Integer> reached = new ArrayList<>();

    private final List<Forced> forced = new ArrayList<>();
    private final List<Run> open = new ArrayList<>();
    private Journal journal;

    /** A state, and where the tape stood when forcing it had returned. */
    private record Forced(int state, int at) {}

    Workload(Random random, Path directory, TapedDisk disk) {
        this.random = random;
        this.directory = directory;
        this.disk = disk;
    }

    /** Opens the journal several times, each time for some runs. */
    void run(int openings, int changes) {
        for (int i = 0; i < openings; i++) {
            try (Journal opened = open(directory, disk, random)) {
                journal = opened;
                if (states.isEmpty()) {
                    begin();
                }
                for (int j = 0; j < changes; j++) {
                    change();
                    if (random.nextInt(4) == 0) {
                        force();
                    }
                }
            }
        }
    }

    /** Sometimes it is compacted on the way. */
    static Journal open(Path directory, TapedDisk disk, Random random) {
        return H2Journal.open(directory, random.nextInt(8) == 0 ? 0 : Growth.SMALL_BYTES, disk);
    }

    /** What there may be to read after a loss: the state last forced, or any later one up to that of the moment. */
    List<List<Object>> possible(PowerLoss loss) {
        int first = 0;
        for (Forced each : forced) {
            first = each.at() <= loss.end() ? Math.max(first, each.state()) : first;
        }
        // the one after the last that was reached may have been on its way
        int last = first;
        while (last < states.size() - 1 && reached.get(last) < loss.end()) {
            last++;
        }
        while (loss.isNone() && first < last && reached.get(first + 1) <= loss.end()) {
            first++;
        }
        return states.subList(first, last + 1);
    }

    static List<Object> contents(Journal journal) {
        List<Object> contents = new ArrayList<>(journal.snapshots(Optional.empty()));
        contents.addAll(journal.jobs(Optional.empty()));
        contents.add(journal.head(VM));
        for (Run run : journal.runs(Optional.empty())) {
            contents.add(run);
            contents.add(journal.intent(run.id()));
            contents.addAll(journal.transitions(run.id()));
            contents.addAll(journal.volumes(run.id()));
            contents.addAll(journal.evidence(run.id()));
        }
        return contents;
    }

    private void begin() {
        states.add(contents(journal));
        reached.add(disk.tape().position());
        journal.unfinished().stream().filter(run -> WAY.contains(run.state())).forEach(open::add);
    }

    private void reached() {
        int position = disk.tape().position();
        states.add(contents(journal));
        reached.add(position);
    }

    private void force() {
        int state = states.size() - 1;
        int others = random.nextInt(3);
        disk.during(() -> {
            for (int i = 0; i < others; i++) {
                change();
            }
        });
        journal.force();
        disk.during(() -> {});
        forced.add(new Forced(state, disk.tape().position()));
    }

    private void change() {
        List<Snapshot> snapshots = journal.snapshots(Optional.empty());
        if (!snapshots.isEmpty() && random.nextInt(4) == 0) {
            live(snapshots.get(random.nextInt(snapshots.size())));
            reached();
            return;
        }
        if (random.nextInt(12) == 0) {
            journal.prune(VM, AT.plusSeconds(1), 1 + random.nextInt(3));
            reached();
            return;
        }
        if (open.isEmpty() || (open.size() < 4 && random.nextInt(6) == 0)) {
            open.add(journal.plan(RunId.random(random), VM, "db01", AT.plusSeconds(states.size())));
            reached();
            return;
        }
        int which = random.nextInt(open.size());
        Run next = next(open.get(which));
        if (next.state().isFinal() || next.state() == RunState.QUARANTINED) {
            open.remove(which);
        } else {
            open.set(which, next);
        }
        reached();
    }

    private void live(Snapshot snapshot) {
        List<Job> unfinished = journal.unfinishedJobs();
        if (!unfinished.isEmpty()) {
            JobState to = List.of(JobState.DONE, JobState.DONE, JobState.FAILED, JobState.QUARANTINED)
                    .get(random.nextInt(4));
            if (to == JobState.FAILED && random.nextBoolean()) {
                journal.giveUp(unfinished.get(0), AT, Sample.BROKEN, List.of());
            } else {
                journal.finish(unfinished.get(0), to, AT, Optional.of(Sample.BROKEN));
            }
        } else if (snapshot.state() == SnapshotState.LOST || random.nextInt(3) == 0) {
            JobKind kind =
                    snapshot.state() == SnapshotState.LOST || random.nextBoolean() ? JobKind.REMOVE : JobKind.REVERT;
            JobChange change = new JobChange("vda", "qcow2", name(), name(), "raw");
            journal.begin(Sample.job(RunId.random(random), kind, snapshot.run(), change));
        } else if (random.nextInt(6) == 0) {
            journal.lost(snapshot.run());
        } else if (random.nextBoolean()) {
            journal.opened(snapshot.run(), AT.plusSeconds(states.size()));
        } else {
            journal.closed(snapshot.run());
        }
    }

    /** Of the few that the volumes have. */
    private String name() {
        return "/images/%d.qcow2".formatted(random.nextInt(4));
    }

    private Run next(Run run) {
        if (run.state() == RunState.PLANNED && journal.intent(run.id()).isEmpty()) {
            RunVolume volume = new RunVolume("vda", "qcow2", name(), "qcow2", name(), "NOTHING");
            journal.intend(run.id(), Sample.intent(volume));
            return run;
        }
        if (random.nextInt(12) == 0) {
            RunState end = random.nextBoolean() ? RunState.FAILED : RunState.QUARANTINED;
            return journal.end(run, end, AT, REFUSED, List.of(EVIDENCE));
        }
        RunState to = WAY.get(WAY.indexOf(run.state()) + 1);
        return switch (to) {
            case FROZEN -> journal.froze(run, random.nextInt(9), AT);
            case RELEASED -> journal.released(run, AT, PROVED, List.of(EVIDENCE, EVIDENCE));
            case COMPLETED -> journal.end(run, to, AT, run.result(), List.of(EVIDENCE));
            default -> journal.advance(run, to, AT);
        };
    }
}
