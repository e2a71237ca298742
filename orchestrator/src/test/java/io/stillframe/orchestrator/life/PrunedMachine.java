package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.FakeJournal;
import io.stillframe.db.Intent;
import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.storage.Relatives;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A machine with one disk, and what lies on what of its images as the driver of image files leaves it. All that happens is
 * journaled twice: in a journal that keeps everything, and in one that is pruned.
 */
final class PrunedMachine {
    static final UUID VM = new UUID(0, 1);
    private static final String BASE = "/images/db01";
    private static final RunResult RESULT =
            new RunResult(Optional.of(Consistency.CRASH), Optional.empty(), Optional.empty());
    private static final RunError GIVEN_UP = new RunError("ABANDONED", "given up", "");

    final FakeJournal whole = new FakeJournal();
    final FakeJournal pruned = new FakeJournal();
    private final Random random;
    private final Map<String, String> below = new TreeMap<>();
    private String active = BASE;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private int numbers;

    PrunedMachine(Random random) {
        this.random = random;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void take() {
        RunVolume volume = volume();
        run(volume, RunState.COMPLETED);
        below.put(volume.active(), active);
        active = volume.active();
    }

    void fail() {
        run(volume(), random.nextBoolean() ? RunState.FAILED : RunState.ABANDONED);
    }

    private RunVolume volume() {
        return new RunVolume("vda", "qcow2", active, "qcow2", "%s.%d".formatted(BASE, ++numbers), "NOTHING");
    }

    private void run(RunVolume volume, RunState end) {
        RunId id = id();
        both(journal -> {
            Run run = journal.plan(id, VM, "db01", now);
            journal.intend(
                    id,
                    new Intent(
                            Consistency.CRASH,
                            OptionalInt.empty(),
                            Duration.ofSeconds(10),
                            List.of(),
                            List.of(volume),
                            List.of()));
            run = end == RunState.ABANDONED ? run : journal.advance(run, RunState.SNAPSHOTTED, now);
            journal.end(run, end, now, RESULT, List.of());
        });
    }

    void cloneOne() {
        any().filter(of -> of.state() == SnapshotState.PRESENT)
                .ifPresent(of -> job(of, JobKind.CLONE, new JobChange("vda", "qcow2", image(of), "/elsewhere", "raw")));
    }

    /** The machine goes on in a new image on the snapshot's; the one that it wrote to stays. */
    void revert() {
        any().filter(of -> of.state() == SnapshotState.PRESENT && !image(of).equals(active))
                .ifPresent(of -> {
                    String to = "%s.%d".formatted(BASE, ++numbers);
                    job(of, JobKind.REVERT, new JobChange("vda", "qcow2", active, to, "qcow2"));
                    below.put(to, image(of));
                    active = to;
                });
    }

    /** A person has the machine go on with something that a revert gave up. */
    void takeUpAgain() {
        List<String> leaves = below.keySet().stream()
                .filter(file -> !below.containsValue(file))
                .toList();
        if (!leaves.isEmpty()) {
            active = leaves.get(random.nextInt(leaves.size()));
        }
    }

    void giveUpRemoval() {
        any().ifPresent(of -> {
            RunId id = id();
            both(journal ->
                    journal.giveUp(journal.begin(begun(id, of, JobKind.REMOVE, List.of())), now, GIVEN_UP, List.of()));
        });
    }

    void deleteOne() {
        any().ifPresent(this::delete);
    }

    /** The newest first. */
    void deleteAllBut(int newest, int oldest) {
        List<Snapshot> snapshots = whole.snapshots(Optional.empty());
        if (snapshots.size() > newest + oldest) {
            snapshots.subList(newest, snapshots.size() - oldest).forEach(this::delete);
        }
    }

    /** What the driver refuses is not done. */
    private void delete(Snapshot snapshot) {
        String image = image(snapshot);
        Relatives relatives = new KnownRelatives(pruned, snapshot).of("qcow2");
        Set<String> givenUp =
                on(image).stream().filter(file -> isGivenUp(file, relatives)).collect(Collectors.toSet());
        List<String> children =
                on(image).stream().filter(file -> !givenUp.contains(file)).toList();
        if (image.equals(active)) {
            job(snapshot, JobKind.REMOVE, new JobChange("vda", "qcow2", image, image, "qcow2"));
        } else if (children.size() == 1 && isOfUse(children.get(0), relatives)) {
            below.keySet().removeAll(givenUp);
            merge(children.get(0), image);
            job(snapshot, JobKind.REMOVE, new JobChange("vda", "qcow2", children.get(0), image, "qcow2"));
        } else if (children.isEmpty() && !chain().contains(image) && !image.equals(BASE)) {
            below.keySet().removeAll(givenUp);
            below.remove(image);
            job(snapshot, JobKind.REMOVE, new JobChange("vda", "qcow2", image, image, "qcow2"));
        }
    }

    private boolean isGivenUp(String file, Relatives relatives) {
        return relatives.givenUp().contains(file)
                && !chain().contains(file)
                && snapshotsAt(file, relatives) == 0
                && on(file).isEmpty();
    }

    private boolean isOfUse(String file, Relatives relatives) {
        return chain().contains(file) || snapshotsAt(file, relatives) == 1;
    }

    private static long snapshotsAt(String file, Relatives relatives) {
        return relatives.snapshots().stream()
                .filter(other -> other.snapshot().equals(file))
                .count();
    }

    private void merge(String upper, String lower) {
        below.remove(upper);
        below.replaceAll((file, on) -> on.equals(upper) ? lower : on);
        active = active.equals(upper) ? lower : active;
    }

    private List<String> on(String image) {
        return below.keySet().stream()
                .filter(file -> below.get(file).equals(image))
                .toList();
    }

    private List<String> chain() {
        List<String> chain = new ArrayList<>();
        for (String file = active; file != null; file = below.get(file)) {
            chain.add(file);
        }
        return chain;
    }

    private void job(Snapshot snapshot, JobKind kind, JobChange change) {
        RunId id = id();
        JobState end = kind == JobKind.REMOVE || random.nextInt(6) > 0 ? JobState.DONE : JobState.QUARANTINED;
        both(journal -> {
            Job job = journal.begin(begun(id, snapshot, kind, List.of(change)));
            Job ended = journal.finish(job, end, now, Optional.empty());
            if (!ended.state().isFinal()) {
                if (journal == pruned) {
                    assertThat(pruned.prune(VM, now.plusSeconds(1), 9)
                                    .orElseThrow()
                                    .size())
                            .isZero();
                }
                journal.finish(ended, JobState.DONE, now, Optional.empty());
            }
        });
    }

    private Job begun(RunId id, Snapshot snapshot, JobKind kind, List<JobChange> changes) {
        return new Job(
                id,
                kind,
                snapshot.run(),
                VM,
                "db01",
                Optional.empty(),
                JobState.BEGUN,
                0,
                now,
                Optional.empty(),
                changes,
                Optional.empty());
    }

    void prune(Duration history, int most) {
        assertThat(pruned.prune(VM, now.minus(history), most)).isPresent();
    }

    /** Of every snapshot, and of all that lies on its image, the pruned journal knows what the other one does. */
    void requireNothingMissed() {
        List<Snapshot> snapshots = whole.snapshots(Optional.empty());
        assertThat(pruned.snapshots(Optional.empty())).isEqualTo(snapshots);
        assertThat(pruned.head(VM)).isEqualTo(whole.head(VM));
        assertThat(pruned.unfinished()).isEqualTo(whole.unfinished());
        assertThat(pruned.unfinishedJobs()).isEqualTo(whole.unfinishedJobs());
        for (Snapshot snapshot : snapshots) {
            assertThat(pruned.intent(snapshot.run())).isEqualTo(whole.intent(snapshot.run()));
            assertThat(pruned.transitions(snapshot.run())).isEqualTo(whole.transitions(snapshot.run()));
            assertThat(AbandonJob.wasGivenUp(pruned, snapshot)).isEqualTo(AbandonJob.wasGivenUp(whole, snapshot));
            Relatives known = new KnownRelatives(pruned, snapshot).of("qcow2");
            Relatives expected = new KnownRelatives(whole, snapshot).of("qcow2");
            assertThat(known.snapshots()).isEqualTo(expected.snapshots());
            List<String> above = above(image(snapshot));
            assertThat(above.stream().filter(known.written()::contains).toList())
                    .isEqualTo(
                            above.stream().filter(expected.written()::contains).toList());
            assertThat(above.stream().filter(known.givenUp()::contains).toList())
                    .isEqualTo(
                            above.stream().filter(expected.givenUp()::contains).toList());
            assertThat(expected.givenUp()).containsAll(known.givenUp());
        }
    }

    /** All that lies on an image, through whatever. */
    private List<String> above(String image) {
        List<String> above = new ArrayList<>();
        for (String file : on(image)) {
            above.add(file);
            above.addAll(above(file));
        }
        return above;
    }

    private Optional<Snapshot> any() {
        List<Snapshot> snapshots = whole.snapshots(Optional.empty());
        return snapshots.isEmpty() ? Optional.empty() : Optional.of(snapshots.get(random.nextInt(snapshots.size())));
    }

    private static String image(Snapshot snapshot) {
        return snapshot.volumes().get(0).snapshot();
    }

    private RunId id() {
        return RunId.random(random);
    }

    private void both(Consumer<Journal> change) {
        change.accept(whole);
        change.accept(pruned);
    }
}
