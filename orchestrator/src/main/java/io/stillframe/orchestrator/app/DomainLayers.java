package io.stillframe.orchestrator.app;

import io.stillframe.guest.BlockJob;
import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.qcow2.ActiveLayers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The qcow2 driver's view of a domain. */
final class DomainLayers implements ActiveLayers {
    /** A merge of a layer that has just been made copies what the guest wrote in seconds; an hour is a hung disk. */
    private static final Duration MERGE_LIMIT = Duration.ofHours(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final Domain domain;
    private final Timing timing;

    DomainLayers(Domain domain, Timing timing) {
        this.domain = domain;
        this.timing = timing;
    }

    @Override
    public List<Path> chain(String disk) {
        return disk(domain.disks(), disk).map(DomainLayers::chain).orElse(List.of());
    }

    @Override
    public Optional<Path> defined(String disk) {
        return disk(domain.definedDisks(), disk).flatMap(Disk::source).map(Path::of);
    }

    @Override
    public boolean hasJob(String disk) {
        return domain.state() != DomainState.SHUT_OFF && domain.blockJob(disk).isPresent();
    }

    /** Asking a running machine for a block job takes libvirt's lock on it, which a snapshot under way holds to its end. */
    @Override
    public void settle(String disk) {
        hasJob(disk);
    }

    @Override
    public Outcome switchTo(List<Overlay> overlays) {
        return effect(() -> domain.switchTo(overlays.stream()
                .map(overlay -> new DiskOverlay(overlay.disk(), overlay.file()))
                .toList()));
    }

    @Override
    public Outcome mergeActive(Overlay overlay) {
        if (domain.state() == DomainState.SHUT_OFF) {
            return new Outcome.Refused("the machine is off: %s cannot be merged into %s while nobody runs it"
                    .formatted(overlay.file(), overlay.base()));
        }
        return effect(() -> merge(overlay));
    }

    /** A merge that an interrupted run had begun is taken over; a job of any other kind is somebody else's. */
    private void merge(Overlay overlay) {
        Optional<BlockJob> job = domain.blockJob(overlay.disk());
        if (job.isEmpty()) {
            domain.commitActive(overlay.disk(), overlay.file(), overlay.base());
        } else if (job.get().kind() != BlockJob.Kind.ACTIVE_COMMIT) {
            throw new GuestException(
                    GuestFailure.LOCKED,
                    "a %s job runs on %s".formatted(job.get().kind(), overlay.disk()));
        }
        awaitReady(overlay.disk());
        domain.pivot(overlay.disk());
    }

    private void awaitReady(String disk) {
        long start = timing.nanos();
        while (!domain.blockJob(disk).map(BlockJob::ready).orElse(true)) {
            if (timing.since(start).compareTo(MERGE_LIMIT) > 0) {
                domain.abortBlockJob(disk);
            }
            timing.pause(BETWEEN_LOOKS);
        }
    }

    private static Outcome effect(Runnable call) {
        try {
            call.run();
            return new Outcome.Done();
        } catch (GuestException e) {
            return e.failure().effectUnknown()
                    ? new Outcome.Indeterminate(e.getMessage())
                    : new Outcome.Refused(e.getMessage());
        }
    }

    private static Optional<Disk> disk(List<Disk> disks, String target) {
        return disks.stream().filter(disk -> disk.target().equals(target)).findFirst();
    }

    private static List<Path> chain(Disk disk) {
        List<Path> chain = new ArrayList<>();
        disk.source().map(Path::of).ifPresent(chain::add);
        disk.backing().forEach(layer -> chain.add(Path.of(layer.source())));
        return chain;
    }
}
