package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.FakeJournal;
import io.stillframe.db.FaultyJournal;
import io.stillframe.db.Intent;
import io.stillframe.db.Job;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.lease.FakeGuard;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.FakeSnapshotStore;
import io.stillframe.storage.FakeStorage;
import io.stillframe.storage.SnapshotStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A machine {@code db01} with two disks, on a storage that moves what is written or one that does not, and snapshots of it.
 * Every call to the journal, the hypervisor and the storage counts, in the order in which they come.
 */
final class LifeWorld {
    static final RunId JOB = new RunId("k00000000000");

    final FakeGuest guest = new FakeGuest("db01");
    final List<FakeGuest> host = new CopyOnWriteArrayList<>(List.of(guest));
    final Faults faults = guest.faults();
    final FakeStorage storage = new FakeStorage();
    final FakeJournal kept = new FakeJournal();
    final Journal journal = FaultyJournal.around(kept, faults);
    final TickingClock clock = new TickingClock();
    final boolean moves;
    BooleanSupplier interrupted = () -> false;

    LifeWorld(boolean moves) {
        this.moves = moves;
        for (String disk : List.of("vda", "vdb")) {
            guest.with(disk, Path.of("/images/" + disk));
            storage.with("/images/" + disk, "what %s holds now".formatted(disk));
        }
    }

    static Stream<Boolean> kinds() {
        return Stream.of(false, true);
    }

    LifeWorld off() {
        guest.in(DomainState.SHUT_OFF);
        return this;
    }

    /** A snapshot of both disks, as a run leaves it. */
    Snapshot snapshot(int number) {
        RunId id = new RunId("%012d".formatted(number));
        List<RunVolume> volumes = new ArrayList<>();
        for (String disk : List.of("vda", "vdb")) {
            String active = guest.defined(disk).toString();
            String moment = "%s at moment %d".formatted(disk, number);
            String kept = moves ? active : "/snapshots/%s@%s".formatted(disk, id.label());
            String next = moves ? "/images/%s.%s".formatted(disk, id.label()) : active;
            storage.with(next, storage.content(active).orElseThrow());
            storage.with(kept, moment);
            if (moves) {
                guest.redefine(disk, Path.of(next));
            }
            volumes.add(new RunVolume(disk, "fake", kept, "raw", next, "NOTHING"));
        }
        complete(id, volumes);
        return find(id).orElseThrow();
    }

    private void complete(RunId id, List<RunVolume> volumes) {
        Run run = kept.plan(id, guest.id().uuid(), guest.id().name(), clock.instant());
        kept.intend(
                id,
                new Intent(
                        Consistency.CRASH, OptionalInt.empty(), Duration.ofSeconds(10), List.of(), volumes, List.of()));
        for (RunState state : List.of(RunState.PREPARED, RunState.QUIESCED, RunState.SNAPSHOTTED, RunState.UPDATED)) {
            run = kept.advance(run, state, clock.instant());
        }
        RunResult result = new RunResult(Optional.of(Consistency.CRASH), Optional.empty(), Optional.empty());
        run = kept.released(run, clock.instant(), result, List.of());
        kept.end(run, RunState.COMPLETED, clock.instant(), result, List.of());
    }

    Optional<Snapshot> find(RunId run) {
        return kept.snapshots(Optional.empty()).stream()
                .filter(of -> of.run().equals(run))
                .findFirst();
    }

    /** What the snapshot's volumes hold, by the names that the journal has now. */
    List<String> contents(Snapshot snapshot) {
        return find(snapshot.run()).orElseThrow().volumes().stream()
                .map(volume -> storage.content(volume.snapshot()).orElse("nothing"))
                .toList();
    }

    /** What the machine finds on its disks at its next start. */
    List<String> disks() {
        return Stream.of("vda", "vdb")
                .map(disk -> storage.content(guest.defined(disk).toString()).orElse("nothing"))
                .toList();
    }

    static List<String> moment(int number) {
        return List.of("vda at moment " + number, "vdb at moment " + number);
    }

    static List<String> now() {
        return List.of("what vda holds now", "what vdb holds now");
    }

    /** The machines that there are besides. */
    List<FakeGuest> others() {
        return host.stream().filter(other -> other != guest).toList();
    }

    Machines machines() {
        return new Machines(new FakeHypervisor(host), domain -> List.of(), this::stores, new FakeGuard());
    }

    Workplace place() {
        return new Workplace(journal, machines(), clock, new Pace(OptionalLong.empty(), Meters.NONE, interrupted));
    }

    private List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        return List.of(new FakeSnapshotStore("fake", moves, storage, faults, change -> {
            if (guest.defined(change.disk()).toString().equals(change.from())) {
                guest.redefine(change.disk(), Path.of(change.to()));
            }
        }));
    }

    /** What a later process does, again and again until nothing is left to do or it does not get on. */
    List<JobResult> recover() {
        RecoverJob recover = new RecoverJob(
                journal, this::machines, clock, new Pace(OptionalLong.empty(), Meters.NONE, () -> false));
        return kept.unfinishedJobs().stream().map(recover::of).toList();
    }

    /** As an operator does who ends what nobody can finish. */
    void abandon() {
        var unused = new AbandonJob(journal, this::machines, clock).of(job());
    }

    Job job() {
        return kept.jobsLike(JOB.value()).get(0);
    }

    boolean hasBegun() {
        return !kept.jobsLike(JOB.value()).isEmpty();
    }

    /** Whatever came of a job: nothing is left to do, and nobody holds anything any more. */
    void requireSettled() {
        assertThat(kept.unfinishedJobs()).as("%s", faults.calls()).isEmpty();
        assertThat(guest.openHandles()).as("%s", faults.calls()).isZero();
        assertThat(storage.volumes())
                .as("%s", faults.calls())
                .allSatisfy(
                        volume -> assertThat(storage.content(volume)).isNotEqualTo(Optional.of(FakeStorage.MIXTURE)));
        assertThat(disks()).as("%s", faults.calls()).doesNotContain("nothing");
    }
}
