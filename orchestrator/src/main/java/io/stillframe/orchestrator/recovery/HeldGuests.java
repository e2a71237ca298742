package io.stillframe.orchestrator.recovery;

import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Intervention.Cause;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.sentinel.LeaseFile;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.workflow.Machines;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The guests that a process held when it ended: released by what their lease files say, without any database. Whoever
 * uses this holds the state directory, so that no lease is anybody's but a sentinel's that is about to act.
 */
public final class HeldGuests implements AutoCloseable {
    /** A sentinel that can release a guest has done so by then. */
    private static final Duration SENTINEL_PATIENCE = Duration.ofSeconds(15);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final LeaseFiles files;
    private final Supplier<Machines> machines;
    private final Clock clock;
    private final Timing timing;
    private final Duration patience;
    private final Map<UUID, LeaseFile> taken = new HashMap<>();
    private final Map<UUID, Intervention> released = new HashMap<>();
    private final Map<UUID, Finding> held = new HashMap<>();
    private final List<Finding> outdated = new ArrayList<>();
    /** Those that may have been left to a sentinel of this process. */
    private final Set<UUID> leftHere = new HashSet<>();

    /**
     * Touches nothing yet.
     *
     * @param machines asked for only when there is a lease to see to
     * @param patience how long a release goes on trying
     */
    public HeldGuests(LeaseFiles files, Supplier<Machines> machines, Clock clock, Timing timing, Duration patience) {
        this.files = files;
        this.machines = machines;
        this.clock = clock;
        this.timing = timing;
        this.patience = patience;
    }

    /**
     * Releases all of them; those that cannot be are left to a sentinel.
     *
     * @param awaited the machines whose sentinels are waited for, should they be about to act
     * @param hold keeps every other process of this host from a machine, or throws: a run with another state directory
     *     may have frozen it
     */
    public List<Finding> release(Predicate<UUID> awaited, Consumer<DomainId> hold) {
        List<Finding> findings = new ArrayList<>();
        for (UUID vm : files.open()) {
            findings.add(release(vm, awaited.test(vm) ? SENTINEL_PATIENCE : Duration.ZERO, hold));
        }
        return findings;
    }

    /**
     * Releases a guest that could not be, once what may have kept it from its thaw is out of the way. A sentinel that goes on
     * trying is waited for, but for one of this process: that waits for this process to end.
     */
    Finding releaseAgain(UUID vm, Consumer<DomainId> hold) {
        outdated.add(held.get(vm));
        return release(vm, leftHere.contains(vm) ? Duration.ZERO : patience, hold);
    }

    /** What {@link #release} found of guests for which something else was found since. */
    public List<Finding> outdated() {
        return List.copyOf(outdated);
    }

    /** What {@link #release} would see to. */
    public List<Finding> planned() {
        return files.open().stream()
                .map(vm -> Finding.of(Status.PLANNED, name(vm), "its lease is open: the guest would be released"))
                .toList();
    }

    /** Whether a guest is not known to be free. */
    public boolean mayBeHeld(UUID vm) {
        return held.containsKey(vm);
    }

    /** How the guest of a run was released, where its lease tells. */
    Optional<Intervention> intervention(UUID vm, String run) {
        return Optional.ofNullable(taken.get(vm))
                .flatMap(LeaseFile::lease)
                .flatMap(Lease::run)
                .filter(run::equals)
                .map(any -> released.get(vm));
    }

    /**
     * The run of this machine's lease has its end in the journal, or there never was one: the lease is done with, and
     * another one may begin.
     */
    void forget(UUID vm) {
        if (released.remove(vm) != null) {
            LeaseFile file = taken.remove(vm);
            file.remove();
            file.close();
        }
    }

    /** The machines whose guests were released. */
    Set<UUID> released() {
        return Set.copyOf(released.keySet());
    }

    @Override
    public void close() {
        taken.values().forEach(LeaseFile::close);
        taken.clear();
    }

    private Finding release(UUID vm, Duration wait, Consumer<DomainId> hold) {
        Optional<LeaseFile> file;
        try {
            hold.accept(new DomainId(vm, name(vm)));
            file = takeWithin(wait, vm);
        } catch (RuntimeException e) {
            return mayBeFrozen(
                    vm,
                    name(vm),
                    "its lease is open and cannot be seen to (%s): thaw it with 'stillframe thaw'"
                            .formatted(e.getMessage()));
        }
        if (file.isEmpty()) {
            return mayBeFrozen(vm, name(vm), "its sentinel has not released the guest so far, and goes on trying");
        }
        taken.put(vm, file.get());
        Lease lease = file.get().lease().orElse(Lease.unknown(new DomainId(vm, vm.toString())));
        Intervention done =
                file.get().intervention().filter(Intervention::isLast).orElseGet(() -> intervene(lease, file.get()));
        if (done.thaw().confirmed()) {
            released.put(vm, done);
            held.remove(vm);
            return Finding.of(
                    Status.DONE,
                    lease.vm().name(),
                    "the guest was released: " + done.thaw().how());
        }
        return mayBeFrozen(vm, lease.vm().name(), leave(lease, done.thaw()));
    }

    private Finding mayBeFrozen(UUID vm, String name, String detail) {
        Finding finding = Finding.of(Status.MAY_BE_FROZEN, name, detail);
        held.put(vm, finding);
        return finding;
    }

    private String name(UUID vm) {
        return files.peek(vm).map(lease -> lease.vm().name()).orElse(vm.toString());
    }

    /** A sentinel that acts ends soon; one that cannot release the guest goes on for as long as it takes. */
    private Optional<LeaseFile> takeWithin(Duration wait, UUID vm) {
        long start = timing.nanos();
        Optional<LeaseFile> file = files.take(vm);
        while (file.isEmpty() && timing.since(start).compareTo(wait) < 0) {
            timing.pause(BETWEEN_LOOKS);
            file = files.take(vm);
        }
        return file;
    }

    private Intervention intervene(Lease lease, LeaseFile file) {
        Intervention done = new Intervention(Cause.RECOVERY, clock.instant(), rescue(lease));
        if (done.thaw().confirmed()) {
            file.record(done);
        }
        return done;
    }

    private Thaw rescue(Lease lease) {
        try {
            return new Rescue(machines.get().hypervisor(), timing, patience).of(lease, Rescue.SETTLE);
        } catch (RuntimeException e) {
            // no way to libvirt at all: nobody knows how the guest is
            return Thaw.withoutCommand(Thaw.Means.NOTHING, String.valueOf(e.getMessage()));
        }
    }

    /** The lease stays on the disk: where no sentinel goes on, whoever starts next tries again. */
    private String leave(Lease lease, Thaw thaw) {
        return "thaw not confirmed (%s): %s".formatted(thaw.how(), goOn(lease));
    }

    /** Leaves all of them to sentinels, for a command that cannot see to them itself; tells what became of each. */
    public List<String> leaveAll() {
        return files.unreleased().stream()
                .map(vm -> files.peek(vm).orElse(Lease.unknown(new DomainId(vm, vm.toString()))))
                .map(lease -> "%s: %s".formatted(lease.vm().name(), goOn(lease)))
                .toList();
    }

    /** Leaves a guest to a sentinel, into whose hands its lease has to go. */
    public String goOn(Lease lease) {
        released.remove(lease.vm().uuid());
        Optional.ofNullable(taken.remove(lease.vm().uuid())).ifPresent(LeaseFile::close);
        leftHere.add(lease.vm().uuid());
        try {
            return machines.get().guard().goOn(lease);
        } catch (RuntimeException e) {
            return "no further attempt is made: " + e.getMessage();
        }
    }
}
