package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.Transition;
import io.stillframe.guest.Domain;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.app.Qcow2OfDomain;
import io.stillframe.orchestrator.lease.FakeGuard;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.orchestrator.proof.RawDisks;
import io.stillframe.orchestrator.state.Transitions;
import io.stillframe.storage.FakeSnapshotStore;
import io.stillframe.storage.FakeStorage;
import io.stillframe.storage.FaultyDriver;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.FakeQemuImg;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A machine {@code db01} with its images in a directory, a journal, and runs that take snapshots of it. */
final class World {
    static final SnapshotOptions FILESYSTEM = options(Optional.of(Consistency.FILESYSTEM));
    static final SnapshotOptions CRASH = options(Optional.of(Consistency.CRASH));
    static final Hooks HOOKS = new Hooks(List.of(Hook.POSTGRESQL, Hook.MARIADB), Duration.ofSeconds(5));
    static final SnapshotOptions APPLICATION =
            options(Optional.of(Consistency.APPLICATION)).telling(HOOKS);
    static final SnapshotOptions UNSAID = options(Optional.empty());

    private boolean driverKnown = true;
    private static final AtomicInteger RUNS = new AtomicInteger();

    final Path images;
    final FakeGuest guest;
    final Faults faults;
    final FakeGuard guard = new FakeGuard();
    final Timing timing;
    final RunId id = new RunId("%012d".formatted(RUNS.incrementAndGet()));
    final FakeStorage storage = new FakeStorage();
    private final Map<String, Path> held = new HashMap<>();
    private Journal journal;
    private boolean atomic = true;
    private BooleanSupplier interrupted = () -> false;

    World(Path images, Journal journal) {
        this("db01", images, journal, new VirtualTiming());
    }

    /** Another machine of the same host. */
    World(String vm, Path images, Journal journal, Timing timing) {
        this.guest = new FakeGuest(vm);
        this.faults = guest.faults();
        this.images = images;
        this.journal = journal;
        this.timing = timing;
    }

    /** A world with a qcow2 disk {@code vda}. */
    static World ofOneDisk(Path images, Journal journal) {
        return new World(images, journal).disk("vda");
    }

    World disk(String target) {
        guest.with(target, image(target));
        return this;
    }

    Path image(String target) {
        Path image = images.resolve(target + ".qcow2");
        try {
            Files.writeString(image, "the image of " + target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return image;
    }

    Path overlay(String target) {
        return images.resolve(target + "." + id.label() + ".qcow2");
    }

    /** Goes on with another opening of the journal. */
    World readFrom(Journal reopened) {
        journal = reopened;
        return this;
    }

    /** Has a driver that needs QEMU paused. */
    World pausing() {
        atomic = false;
        return this;
    }

    World interruptedWhen(BooleanSupplier when) {
        interrupted = when;
        return this;
    }

    void agentDies() {
        List.of(
                        "freeze",
                        "thaw",
                        "status",
                        "sync",
                        "info",
                        "filesystems",
                        "exec sync",
                        "exec cat",
                        "exec sysrq",
                        "exec switch arm",
                        "exec switch disarm",
                        "exec hooks check",
                        "exec hooks hold",
                        "exec hooks release")
                .forEach(call -> faults.on(call, Faults.Kind.REFUSED, 10_000));
    }

    /** What a later process makes of this world's run. */
    Run recover(Optional<Intervention> intervention) {
        return recovery().of(run(), intervention);
    }

    Outcome resumeDisks() {
        return recovery().resumeDisks(run());
    }

    private RecoverRun recovery() {
        Rescue rescue = new Rescue(new FakeHypervisor(guest), timing, Duration.ofMinutes(1));
        return new RecoverRun(journal, machines(), new TickingClock(), rescue, guard::goOn);
    }

    boolean hasBegun() {
        return !journal.runsLike(id.value()).isEmpty();
    }

    /** The run as the journal has it. */
    Run run() {
        return journal.runsLike(id.value()).get(0);
    }

    /** Has the snapshot of a disk be this raw file. */
    World holding(String disk, Path raw) {
        held.put(disk, raw);
        return this;
    }

    Machines machines() {
        return new Machines(new FakeHypervisor(guest), this::drivers, (domain, rate) -> stores(), guard);
    }

    private List<SnapshotStore> stores() {
        return List.of(new FakeSnapshotStore("qcow2", true, storage, faults, change -> {}, this::view));
    }

    /** What was not frozen when the machine went over to its overlays is in use on the disk. */
    private Path view(VolumeSnapshot of) {
        return held.getOrDefault(of.disk(), RawDisks.ext4(guest.frozenAtSwitch().orElse(false)));
    }

    /** What a doctor would see. */
    Examination examine(SnapshotOptions options) {
        Machines machines = machines();
        try (Domain domain = machines.hypervisor().domain("db01")) {
            return new Examine(machines, options).of(domain);
        }
    }

    Run take(SnapshotOptions options) {
        return take(options, Member.ALONE);
    }

    Run take(SnapshotOptions options, Member member) {
        Machines machines = machines();
        Hypervisor hypervisor = machines.hypervisor();
        TakeSnapshot snapshot = new TakeSnapshot(journal, machines, new TickingClock(), timing, interrupted);
        try (Domain domain = hypervisor.domain(guest.id())) {
            return snapshot.of(domain, id, options, member);
        }
    }

    /** The program that comes next does not have the driver. */
    void forgetDriver() {
        driverKnown = false;
    }

    /** Attempt after attempt, the first one as this world's run. */
    List<Run> takeUntilProved(SnapshotOptions options) {
        Machines machines = machines();
        TakeSnapshot snapshot = new TakeSnapshot(journal, machines, new TickingClock(), timing, interrupted);
        Iterator<RunId> ids = Stream.concat(
                        Stream.of(id), Stream.generate(() -> new RunId("%012d".formatted(RUNS.incrementAndGet()))))
                .iterator();
        try (Domain domain = machines.hypervisor().domain("db01")) {
            return new TakeUntilProved(snapshot, timing, interrupted).of(domain, ids::next, options);
        }
    }

    private List<StorageDriver> drivers(Domain domain) {
        return !driverKnown
                ? List.of()
                : List.of(new FaultyDriver(
                        Qcow2OfDomain.driver(domain, timing, new FakeQemuImg(faults)), faults, atomic));
    }

    List<RunState> states() {
        return journal.transitions(id).stream().map(Transition::state).toList();
    }

    Optional<Snapshot> snapshot() {
        return journal.snapshots(Optional.empty()).stream()
                .filter(of -> of.run().equals(id))
                .findFirst();
    }

    List<RunVolume> volumes() {
        return journal.volumes(id);
    }

    List<String> failedChecks() {
        return journal.evidence(id).stream()
                .filter(evidence -> !evidence.ok())
                .map(evidence -> evidence.check())
                .toList();
    }

    /** The overlays that lie about. */
    List<Path> overlays() {
        try (Stream<Path> files = Files.list(images)) {
            return files.filter(file -> file.toString().contains(".sf-"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What must hold however a run ended. */
    void requirePromises(Run run) {
        String story = "%s as %s after %s".formatted(run.result(), states(), faults.calls());
        assertThat(run.state())
                .as(story)
                .isIn(
                        RunState.COMPLETED,
                        RunState.FAILED,
                        RunState.ABANDONED,
                        RunState.THAW_OVERDUE,
                        RunState.QUARANTINED);
        assertThat(guest.openHandles()).as(story).isZero();
        if (run.state() != RunState.THAW_OVERDUE) {
            assertThat(guest.isFrozen()).as("frozen: " + story).isFalse();
        }
        requireOnlyDeclaredTransitions();
        requireNoLeftovers(run, story);
        requireNoFalseClaim(run, story);
    }

    /** What must hold of the guest and its images even where the journal is no more. */
    void requireSafeGuest(Run run) {
        String story = "%s after %s".formatted(run, faults.calls());
        assertThat(guest.isFrozen()).as(story).isFalse();
        assertThat(guest.openHandles()).as(story).isZero();
        assertThat(guest.chain("vda")).as(story).allMatch(Files::exists).containsAll(overlays());
        assertThat(guest.defined("vda")).as(story).exists();
    }

    private void requireOnlyDeclaredTransitions() {
        List<RunState> states = states();
        for (int i = 1; i < states.size(); i++) {
            assertThat(Transitions.after(states.get(i - 1))).contains(states.get(i));
        }
    }

    private void requireNoLeftovers(Run run, String story) {
        List<Path> used = new ArrayList<>();
        volumes().forEach(volume -> used.addAll(guest.chain(volume.disk())));
        if (run.state() == RunState.COMPLETED) {
            assertThat(snapshot()).as("record: " + story).isPresent();
            assertThat(used).as("in use: " + story).containsAll(overlays());
            volumes()
                    .forEach(volume -> assertThat(
                                    guest.chain(volume.disk()).get(0).toString())
                            .as(story)
                            .isEqualTo(volume.active()));
        } else if (run.state() == RunState.FAILED || run.state() == RunState.ABANDONED) {
            assertThat(snapshot()).as("record: " + story).isEmpty();
            assertThat(overlays()).as("left over: " + story).isEmpty();
        }
        // whatever happened: nothing that the machine needs is gone
        assertThat(used).as("images: " + story).allMatch(Files::exists);
        volumes()
                .forEach(volume -> assertThat(guest.defined(volume.disk()))
                        .as("definition: " + story)
                        .exists());
    }

    private void requireNoFalseClaim(Run run, String story) {
        Consistency claim = Stream.concat(
                        run.result().consistency().stream(), snapshot().stream().map(Snapshot::consistency))
                .max(Comparator.naturalOrder())
                .orElse(Consistency.CRASH);
        if (claim.atLeast(Consistency.FILESYSTEM)) {
            assertThat(guest.frozenAtSwitch()).as("claim: " + story).contains(true);
        }
        if (claim == Consistency.APPLICATION) {
            assertThat(guest.applications().heldThroughout(id.label(), List.of("postgresql", "mariadb")))
                    .as("claim: " + story)
                    .isTrue();
        }
    }

    static SnapshotOptions options(Optional<Consistency> required) {
        return options(required, Set.of());
    }

    static SnapshotOptions options(Optional<Consistency> required, Set<String> excluded) {
        return new SnapshotOptions(
                required, Consistency.FILESYSTEM, excluded, Duration.ofMinutes(5), Duration.ofMinutes(1));
    }
}
