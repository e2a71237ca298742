package io.stillframe.orchestrator.proof.image;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;

/** A disk of which only so much is read, for only so long; what was read is counted. Of one thread. */
public final class MeteredImage implements DiskImage {
    private final DiskImage disk;
    private final ReadLimits limits;
    private final LongSupplier nanos;
    private final long begun;
    private long bytes;
    private int reads;

    /**
     * Begins to count.
     *
     * @param nanos a monotonic clock
     */
    public MeteredImage(DiskImage disk, ReadLimits limits, LongSupplier nanos) {
        this.disk = disk;
        this.limits = limits;
        this.nanos = nanos;
        this.begun = nanos.getAsLong();
    }

    @Override
    public long size() {
        return disk.size();
    }

    @Override
    public ByteBuffer read(long offset, int length) {
        Extent.within(size(), offset, length);
        if (bytes + length > limits.bytes()) {
            throw new Unreadable("the limit of %d bytes read is reached".formatted(limits.bytes()));
        }
        if (took().compareTo(limits.time()) >= 0) {
            throw new Unreadable(
                    "the limit of %d ms is reached".formatted(limits.time().toMillis()));
        }
        bytes += length;
        reads++;
        return disk.read(offset, length);
    }

    public long bytesRead() {
        return bytes;
    }

    public int reads() {
        return reads;
    }

    public Duration took() {
        return Duration.ofNanos(nanos.getAsLong() - begun);
    }
}
