package io.stillframe.orchestrator.proof.image;

import java.nio.ByteBuffer;

/** A range of a disk. */
record Part(DiskImage whole, long offset, long size) implements DiskImage {
    Part {
        Extent.within(whole.size(), offset, size);
    }

    @Override
    public ByteBuffer read(long at, int length) {
        Extent.within(size, at, length);
        return whole.read(offset + at, length);
    }
}
