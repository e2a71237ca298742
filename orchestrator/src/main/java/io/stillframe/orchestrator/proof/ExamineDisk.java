package io.stillframe.orchestrator.proof;

import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.MeteredImage;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import java.util.function.LongSupplier;

/** Says of everything on a disk whether it was at rest. */
public final class ExamineDisk {
    private final ReadLimits limits;
    private final LongSupplier nanos;

    /**
     * Prepares to look at disks.
     *
     * @param limits of each disk
     * @param nanos a monotonic clock
     */
    public ExamineDisk(ReadLimits limits, LongSupplier nanos) {
        this.limits = limits;
        this.nanos = nanos;
    }

    /**
     * Looks at one disk. Whatever a guest has written there leads to an answer.
     *
     * @throws java.io.UncheckedIOException when the storage fails
     */
    public DiskProof of(DiskImage disk) {
        MeteredImage metered = new MeteredImage(disk, limits, nanos);
        DiskContents contents = DiskContents.of(metered);
        return new DiskProof(
                contents.volumes(), contents.remarks(), metered.bytesRead(), metered.reads(), metered.took());
    }
}
