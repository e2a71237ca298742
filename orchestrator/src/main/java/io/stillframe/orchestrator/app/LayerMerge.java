package io.stillframe.orchestrator.app;

import io.stillframe.guest.BlockJob;
import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.Meter;
import io.stillframe.storage.qcow2.ActiveLayers.Overlay;
import java.time.Duration;
import java.util.Optional;

/**
 * Merges layers of a running machine by block jobs, which go on without us. A job that an interrupted process had begun is
 * taken over; a job of any other kind is somebody else's.
 */
final class LayerMerge {
    /** A job that moves nothing for so long waits for a hung disk. */
    private static final Duration STANDSTILL = Duration.ofHours(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /** A long job is looked at less often: each look is a question to libvirtd and to QEMU. */
    private static final Duration SELDOM = Duration.ofMillis(250);

    /** libvirt takes note of a job's end a moment after QEMU tells of none any more. */
    private static final Duration UNTIL_NOTED = Duration.ofSeconds(10);

    private final Domain domain;
    private final Timing timing;

    LayerMerge(Domain domain, Timing timing) {
        this.domain = domain;
        this.timing = timing;
    }

    /** Has a job run that merges the active layer. What refuses it has changed nothing. */
    void beginActive(Overlay overlay, long bytesPerSecond) {
        if (!runs(overlay.disk(), BlockJob.Kind.ACTIVE_COMMIT)) {
            domain.commitActive(overlay.disk(), overlay.file(), overlay.base(), bytesPerSecond);
        }
    }

    /** Waits for it and has the machine go on in the layer below. */
    void endActive(Overlay overlay, Meter meter) {
        long total = await(overlay.disk(), meter);
        domain.pivot(overlay.disk());
        meter.at(total, total);
    }

    /** Has a job run that merges a layer further down. What refuses it has changed nothing. */
    void beginLower(Overlay layer, long bytesPerSecond) {
        if (!runs(layer.disk(), BlockJob.Kind.COMMIT)) {
            domain.commit(layer.disk(), layer.file(), layer.base(), bytesPerSecond);
        }
    }

    /** Waits for it: it ends by itself, with or without its effect. */
    void endLower(Overlay layer, Meter meter) {
        long total = await(layer.disk(), meter);
        long end = timing.nanos();
        while (isInChain(layer)) {
            if (timing.since(end).compareTo(UNTIL_NOTED) > 0) {
                throw new GuestException(
                        GuestFailure.REJECTED, "the merge of %s ended without effect".formatted(layer.file()));
            }
            timing.pause(BETWEEN_LOOKS);
        }
        meter.at(total, total);
    }

    private boolean runs(String disk, BlockJob.Kind kind) {
        Optional<BlockJob> job = domain.blockJob(disk);
        if (job.isPresent() && job.get().kind() != kind) {
            throw new GuestException(
                    GuestFailure.LOCKED,
                    "a %s job runs on %s".formatted(job.get().kind(), disk));
        }
        return job.isPresent();
    }

    /** Until the job has ended or can be ended; tells how much it was, as far as that was seen. */
    private long await(String disk, Meter meter) {
        long start = timing.nanos();
        long moved = start;
        long seen = -1;
        long total = 1;
        Optional<BlockJob> job = domain.blockJob(disk);
        while (job.isPresent() && !job.get().ready()) {
            total = Math.max(1, Math.max(job.get().done(), job.get().total()));
            meter.at(job.get().done(), total);
            if (job.get().done() != seen) {
                seen = job.get().done();
                moved = timing.nanos();
            }
            if (timing.since(moved).compareTo(STANDSTILL) > 0) {
                domain.abortBlockJob(disk);
            }
            timing.pause(timing.since(start).compareTo(SELDOM) < 0 ? BETWEEN_LOOKS : SELDOM);
            job = domain.blockJob(disk);
        }
        return job.map(BlockJob::total).orElse(total);
    }

    private boolean isInChain(Overlay layer) {
        return domain.disks().stream()
                .filter(disk -> disk.target().equals(layer.disk()))
                .anyMatch(disk -> names(disk, layer.file().toString()));
    }

    private static boolean names(Disk disk, String file) {
        return disk.source().equals(Optional.of(file))
                || disk.backing().stream().anyMatch(below -> below.source().equals(file));
    }
}
