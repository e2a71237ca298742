package io.stillframe.orchestrator.proof.image;

import java.nio.ByteBuffer;
import java.util.List;

/** Pieces of a disk put one after the other, as a linear logical volume is. */
public final class Joined implements DiskImage {
    private final DiskImage whole;
    private final List<Extent> extents;

    /**
     * Joins pieces.
     *
     * @param extents without a gap, in their order
     * @throws Unreadable when they have gaps, or lie beyond the disk
     */
    public Joined(DiskImage whole, List<Extent> extents) {
        this.whole = whole;
        this.extents = List.copyOf(extents);
        long next = 0;
        for (Extent extent : this.extents) {
            Extent.within(whole.size(), extent.from(), extent.length());
            if (extent.at() != next) {
                throw new Unreadable("its pieces do not follow one another");
            }
            next = extent.end();
        }
    }

    @Override
    public long size() {
        return extents.isEmpty() ? 0 : extents.get(extents.size() - 1).end();
    }

    @Override
    public ByteBuffer read(long offset, int length) {
        Extent.within(size(), offset, length);
        ByteBuffer joined = ByteBuffer.allocate(length);
        for (Extent extent : extents) {
            long from = Math.max(offset, extent.at());
            long to = Math.min(offset + length, extent.end());
            if (from < to) {
                joined.put(whole.read(extent.from() + from - extent.at(), (int) (to - from)));
            }
        }
        return joined.flip();
    }
}
