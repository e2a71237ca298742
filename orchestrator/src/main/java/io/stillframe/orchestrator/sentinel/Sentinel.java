package io.stillframe.orchestrator.sentinel;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.GuestRelease;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Guards guests for one holder: releases each at its deadline, and all of them when the holder is gone. */
public final class Sentinel {
    private static final Logger LOG = LoggerFactory.getLogger(Sentinel.class);

    private final Hypervisor hypervisor;
    private final LeaseFiles files;
    private final Timing timing;
    private final Clock clock;
    private final Map<UUID, GuardedGuest> guests = new ConcurrentHashMap<>();

    public Sentinel(Hypervisor hypervisor, LeaseFiles files, Timing timing, Clock clock) {
        this.hypervisor = hypervisor;
        this.files = files;
        this.timing = timing;
        this.clock = clock;
    }

    /**
     * Begins to guard; when this returns the lease is on the disk and the connections are open.
     *
     * @throws GuardException when the guest is guarded already, cannot be reached, or the disk fails
     */
    public void arm(Lease lease) {
        UUID vm = lease.vm().uuid();
        if (guests.containsKey(vm)) {
            throw GuardException.guarded("it is guarded already");
        }
        LeaseFile file = take(vm);
        Deque<Runnable> undo = new ArrayDeque<>(List.of(file::close));
        try {
            Domain domain = hypervisor.domain(lease.vm());
            undo.push(domain::close);
            GuestAgent agent = hypervisor.agent(lease.vm());
            undo.push(agent::close);
            Lease whole = write(file, lease, undo);
            GuestRelease release = new GuestRelease(domain, agent, whole, timing, GuestRelease.FOR_EVER);
            guests.put(vm, new GuardedGuest(whole, file, domain, agent, release, timing, clock));
        } catch (IOException | GuestException e) {
            undo.forEach(Runnable::run);
            throw new GuardException("it cannot be guarded: " + e.getMessage(), e);
        }
    }

    /** What was done for a guest, where that has come to its end. */
    public Optional<Thaw> intervention(UUID vm) {
        return Optional.ofNullable(guests.get(vm)).flatMap(GuardedGuest::intervention);
    }

    /** What was done for a guest: where something is being done, its end is waited for. */
    public Optional<Thaw> awaitIntervention(UUID vm) {
        return Optional.ofNullable(guests.get(vm)).flatMap(GuardedGuest::awaitIntervention);
    }

    /**
     * Ends the guard over a guest that its holder has released.
     *
     * @return what was done for it, where the holder came too late
     */
    public Optional<Thaw> disarm(UUID vm) {
        GuardedGuest guest = guests.remove(vm);
        return guest == null ? Optional.empty() : guest.giveBack();
    }

    /** The holder is gone: whatever is still guarded is released. Returns when nothing is left to guard. */
    public void holderGone() {
        Map<UUID, GuardedGuest> left = Map.copyOf(guests);
        left.values().forEach(GuardedGuest::holderGone);
        // each by itself: one that cannot be released must not keep what is done for the others from its end
        left.values().stream().map(this::seenToItsEnd).toList().forEach(CompletableFuture::join);
        guests.keySet().removeAll(left.keySet());
    }

    private CompletableFuture<Void> seenToItsEnd(GuardedGuest guest) {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        Timing.Worker thread = timing.worker("sentinel-guest");
        thread.run(() -> {
            try {
                guest.awaitReleased();
            } catch (RuntimeException | VirtualMachineError | LinkageError e) {
                LOG.error("a guest's release broke", e);
            } finally {
                seen.complete(null);
            }
        });
        return seen.whenComplete((done, broke) -> thread.close());
    }

    /** What an earlier process held the guest for is not forgotten, and its lease stays where this one cannot be written. */
    private static Lease write(LeaseFile file, Lease lease, Deque<Runnable> undo) throws IOException {
        Optional<Lease> earlier = file.lease();
        Lease whole = earlier.map(lease::including).orElse(lease);
        if (earlier.isEmpty()) {
            undo.push(file::remove);
        }
        if (!earlier.equals(Optional.of(whole)) || file.intervention().isPresent()) {
            file.begin(whole);
        }
        return whole;
    }

    private LeaseFile take(UUID vm) {
        try {
            return files.take(vm)
                    .orElseThrow(() -> GuardException.guarded("another sentinel still tries to release this guest"));
        } catch (UncheckedIOException e) {
            throw new GuardException(e.getMessage() + ": " + e.getCause().getMessage(), e);
        }
    }
}
