package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal in memory and the one on the disk answer alike, whatever is done to them. */
class FakeJournalTest {
    private static final int SEQUENCES = 50;
    private static final int LOOKS = 4;
    private static final int OPERATIONS = 10;
    private static final Instant AT = Instant.parse("2026-03-01T12:00:00.123456789Z");

    @TempDir
    private Path directory;

    private final FakeJournal fake = new FakeJournal();
    private final List<String> story = new ArrayList<>();
    private Random random;
    private Journal real;

    /** The runs of one sequence, as they were answered at some time: some of them are out of date. */
    private List<Run> known = new ArrayList<>();

    private List<Job> jobs = new ArrayList<>();
    private List<RunGroup> groups = new ArrayList<>();

    private String vm = "";
    private int pruned;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void what_is_done_to_both_is_answered_and_read_alike(long seed) {
        random = new Random(seed);
        try (Journal opened = Journal.open(directory)) {
            real = opened;
            for (int i = 0; i < SEQUENCES; i++) {
                sequence("vm%d".formatted(i));
            }
            assertThat(contents(fake, Optional.empty())).isEqualTo(contents(real, Optional.empty()));
            assertThat(fake.machines()).containsExactlyInAnyOrderElementsOf(real.machines());
        }
        assertThat(pruned).as("records that went").isGreaterThan(10);
    }

    private void sequence(String name) {
        vm = name;
        known = new ArrayList<>();
        jobs = new ArrayList<>();
        groups = new ArrayList<>();
        story.clear();
        plan();
        for (int i = 0; i < LOOKS; i++) {
            for (int j = 0; j < OPERATIONS; j++) {
                operate();
            }
            assertThat(contents(fake, Optional.of(vm)))
                    .as(() -> String.join("\n", story))
                    .isEqualTo(contents(real, Optional.of(vm)));
        }
    }

    private void operate() {
        Run run = known.get(random.nextInt(known.size()));
        Instant at = time();
        RunState to = any(RunState.class);
        RunResult result = result();
        List<Evidence> evidence = evidence();
        switch (random.nextInt(17)) {
            case 0 -> plan();
            case 1 -> {
                Intent intent = intent();
                change("intend " + run.id(), journal -> journal.intend(run.id(), intent));
            }
            case 2, 3 -> move("advance to " + to, journal -> journal.advance(run, to, at));
            case 4 -> {
                int count = random.nextInt(4);
                move("froze " + count, journal -> journal.froze(run, count, at));
            }
            case 5 -> move("released", journal -> journal.released(run, at, result, evidence));
            case 6 -> move("end as " + to, journal -> journal.end(run, to, at, result, evidence));
            case 7 -> snapshotted(run, at);
            case 8, 9 -> begin(run.id());
            case 10, 11 -> finish();
            case 12 -> lookAt(run.id(), at);
            case 13 -> group();
            case 14 -> prove(run, at);
            case 15 -> prune();
            default -> fake.force();
        }
    }

    private void plan() {
        boolean again = !known.isEmpty() && random.nextInt(8) == 0;
        RunId id = again ? known.get(0).id() : RunId.random(random);
        // distinct, for the order of equals is nobody's promise
        Instant at = AT.plusSeconds(story.size()).plusNanos(random.nextInt(1000));
        move("plan " + id, journal -> journal.plan(id, new UUID(7, vm.hashCode()), vm, at));
    }

    /** A run with volumes, so that there is something to work on. */
    private void snapshotted(Run run, Instant at) {
        Intent intent = intent();
        change("intend " + run.id(), journal -> journal.intend(run.id(), intent));
        move("snapshotted", journal -> journal.advance(run, RunState.SNAPSHOTTED, at));
    }

    private void group() {
        Run one = known.get(random.nextInt(known.size()));
        Run other = known.get(random.nextInt(known.size()));
        RunId id = groups.isEmpty() || random.nextInt(8) > 0
                ? RunId.random(random)
                : groups.get(0).id();
        GroupRule rule = any(GroupRule.class);
        both("group of %s and %s".formatted(one.id(), other.id()), journal -> {
                    RunGroup group = new RunGroup(id, rule, List.of(one.id(), other.id()));
                    journal.plan(group);
                    return group;
                })
                .ifPresent(groups::add);
    }

    /** Mostly of members that are released, so that there is something to prove. */
    private void prove(Run run, Instant at) {
        if (groups.isEmpty()) {
            return;
        }
        RunGroup group = groups.get(random.nextInt(groups.size()));
        for (RunId member : group.members()) {
            if (random.nextInt(8) > 0) {
                known.stream()
                        .filter(of -> of.id().equals(member))
                        .reduce((a, b) -> b)
                        .ifPresent(last -> {
                            RunResult result = result();
                            move("released", journal -> journal.released(last, at, result, List.of()));
                        });
            }
        }
        OneInstant proof =
                new OneInstant(Duration.ofNanos(random.nextInt(99_999)), Duration.ofNanos(random.nextInt(99_999)));
        both("prove " + group + " of " + run.id(), journal -> journal.prove(group, proof));
    }

    private void begin(RunId snapshot) {
        boolean taken = random.nextInt(16) == 0;
        boolean elsewhere = random.nextInt(16) == 0;
        boolean ended = random.nextInt(16) == 0;
        Job job = new Job(
                taken
                        ? snapshot
                        : jobs.isEmpty() || random.nextInt(16) > 0
                                ? RunId.random(random)
                                : jobs.get(0).id(),
                random.nextBoolean() ? JobKind.REMOVE : any(JobKind.class),
                random.nextInt(16) > 0 ? snapshot : RunId.random(random),
                elsewhere ? new UUID(8, 8) : new UUID(7, vm.hashCode()),
                vm,
                maybe("new"),
                ended ? JobState.DONE : JobState.BEGUN,
                0,
                AT.plusSeconds(story.size()).plusNanos(random.nextInt(1000)),
                Optional.empty(),
                changes(),
                Optional.empty());
        both("begin " + job, journal -> journal.begin(job)).ifPresent(jobs::add);
    }

    private void finish() {
        if (jobs.isEmpty()) {
            return;
        }
        Job job = jobs.get(random.nextInt(4) > 0 ? jobs.size() - 1 : random.nextInt(jobs.size()));
        JobState to = random.nextBoolean() ? JobState.DONE : any(JobState.class);
        Instant at = time();
        Optional<RunError> error = result().error();
        Function<Journal, Job> change = random.nextInt(8) == 0
                ? journal -> journal.giveUp(job, at, new RunError("ABANDONED", "word", ""), List.of())
                : journal -> journal.finish(job, to, at, error);
        both("finish %s as %s".formatted(job, to), change).ifPresent(finished -> {
            if (random.nextInt(4) > 0) {
                jobs.remove(job);
            }
            jobs.add(finished);
        });
    }

    /** Mostly once no guest may be held, and some of the machine's jobs have come to their end. */
    private void prune() {
        if (random.nextInt(4) > 0) {
            real.unfinished().stream().filter(run -> run.state().mayBeHeld()).forEach(held -> {
                RunState end = random.nextBoolean() ? RunState.COMPLETED : RunState.FAILED;
                move("let go", journal -> journal.end(held, end, AT, RunResult.NONE, List.of()));
            });
        }
        UUID machine = new UUID(7, vm.hashCode());
        if (random.nextBoolean()) {
            real.unfinishedJobs().stream()
                    .filter(job -> job.vm().equals(machine))
                    .forEach(job -> {
                        JobState end = random.nextBoolean() ? JobState.DONE : JobState.FAILED;
                        both("end " + job, journal -> journal.finish(job, end, AT, Optional.empty()));
                    });
        }
        Instant before = time();
        int most = random.nextInt(9);
        both("prune %d before %s".formatted(most, before), journal -> journal.prune(machine, before, most))
                .flatMap(gone -> gone)
                .ifPresent(gone -> pruned += gone.size());
    }

    private void lookAt(RunId snapshot, Instant at) {
        switch (random.nextInt(8)) {
            case 0 -> change("lost " + snapshot, journal -> journal.lost(snapshot));
            case 1 -> change("found " + snapshot, journal -> journal.found(snapshot));
            case 2 -> change("closed " + snapshot, journal -> journal.closed(snapshot));
            default -> change("opened " + snapshot, journal -> journal.opened(snapshot, at));
        }
    }

    /** Mostly goes on with what was answered last; what was answered before is out of date. */
    private void move(String what, Function<Journal, Run> change) {
        both(what, change).ifPresent(moved -> {
            if (random.nextInt(4) > 0) {
                known.removeIf(run -> run.id().equals(moved.id()));
            }
            known.add(moved);
        });
    }

    private void change(String what, Consumer<Journal> change) {
        both(what, journal -> {
            change.accept(journal);
            return what;
        });
    }

    private <T> Optional<T> both(String what, Function<Journal, T> change) {
        story.add(what);
        Answer<T> expected = answer(() -> change.apply(real));
        Answer<T> answered = answer(() -> change.apply(fake));
        assertThat(answered).as(() -> String.join("\n", story)).isEqualTo(expected);
        return expected.answer();
    }

    private static <T> Answer<T> answer(Supplier<T> call) {
        try {
            return new Answer<>(Optional.of(call.get()), Optional.empty());
        } catch (JournalException e) {
            return new Answer<>(Optional.empty(), Optional.of(e.kind().name()));
        } catch (IllegalArgumentException e) {
            return new Answer<>(Optional.empty(), Optional.of("ILLEGAL"));
        }
    }

    /** The same answer or the same refusal. */
    private record Answer<T>(Optional<T> answer, Optional<String> refusal) {}

    private static List<Object> contents(Journal journal, Optional<String> vm) {
        List<Object> contents = new ArrayList<>(journal.snapshots(vm));
        List<Run> runs = journal.runs(vm);
        contents.add(journal.runs(Optional.of(new UUID(7, vm.orElse("").hashCode()).toString())));
        contents.add(journal.unfinished().stream().filter(runs::contains).toList());
        contents.add(journal.intent(new RunId("zzzzzzzzzzzz")));
        contents.add(journal.evidence(new RunId("zzzzzzzzzzzz")));
        List<Job> jobs = journal.jobs(vm);
        contents.addAll(jobs);
        contents.add(journal.jobs(Optional.of(new UUID(8, 8).toString())));
        contents.add(journal.unfinishedJobs().stream().filter(jobs::contains).toList());
        contents.add(journal.head(new UUID(9, 9)));
        contents.add(journal.newestRuns(3));
        contents.add(journal.newestSnapshots(3));
        contents.add(journal.volumes(new UUID(7, vm.orElse("").hashCode())));
        contents.add(journal.expired(new UUID(7, vm.orElse("").hashCode()), AT.plusSeconds(3)));
        for (Job job : jobs) {
            contents.add(journal.jobsLike(job.id().value().substring(0, 1)));
        }
        for (Run run : runs) {
            contents.add(run);
            contents.add(journal.head(run.vm()));
            contents.add(journal.runsLike(run.id().value().substring(0, 1)));
            contents.add(journal.snapshotsLike(run.id().value().substring(0, 1)));
            contents.add(journal.intent(run.id()));
            contents.add(journal.transitions(run.id()));
            contents.add(journal.volumes(run.id()));
            contents.add(journal.evidence(run.id()));
            contents.add(journal.groupOf(run.id()));
        }
        return contents;
    }

    private Instant time() {
        return AT.plusMillis(random.nextInt(5000)).plusNanos(random.nextInt(5000));
    }

    private Intent intent() {
        List<RunVolume> volumes = IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> "vd" + (char) ('a' + random.nextInt(5)))
                .map(disk -> new RunVolume(disk, "qcow2", name(), "qcow2", name(), "NOTHING"))
                .toList();
        OptionalInt filesystems = random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(random.nextInt(4));
        List<Filesystem> held = IntStream.range(0, random.nextInt(3))
                .mapToObj(
                        i -> new Filesystem(name(), name(), "ext4", random.nextBoolean() ? List.of() : List.of(name())))
                .toList();
        return new Intent(
                maybe("nightly"),
                any(Consistency.class),
                filesystems,
                Duration.ofNanos(random.nextInt(9_999_999)),
                evidence(),
                volumes,
                held);
    }

    private List<JobChange> changes() {
        return IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> new JobChange(
                        "vda", random.nextInt(8) == 0 ? "lvm" : "qcow2", name(), name(), "format" + random.nextInt(3)))
                .toList();
    }

    /** Of the few that there are, so that volumes share them. */
    private String name() {
        return "vd%c%s.qcow2".formatted('a' + random.nextInt(5), random.nextBoolean() ? "" : ".new");
    }

    private RunResult result() {
        Freeze freeze = new Freeze(random.nextInt(4), Duration.ofNanos(random.nextInt(9_999_999)));
        return new RunResult(
                maybe(any(Consistency.class)),
                maybe(freeze),
                maybe(new RunError("CODE", "a message", random.nextInt(9) + "")));
    }

    private List<Evidence> evidence() {
        return IntStream.range(0, random.nextInt(3))
                .mapToObj(i -> new Evidence("check" + i, random.nextBoolean(), "seen " + random.nextInt(9)))
                .toList();
    }

    private <E extends Enum<E>> E any(Class<E> of) {
        List<E> all = List.copyOf(EnumSet.allOf(of));
        return all.get(random.nextInt(all.size()));
    }

    private <T> Optional<T> maybe(T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }
}
