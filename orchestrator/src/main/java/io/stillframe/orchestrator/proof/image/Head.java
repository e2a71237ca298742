package io.stillframe.orchestrator.proof.image;

import java.nio.ByteBuffer;

/** A disk whose beginning is read once, as everybody who looks for a mark wants it. */
public final class Head implements DiskImage {
    private static final int LENGTH = 8192;

    private final DiskImage disk;
    private final Bytes head;

    public Head(DiskImage disk) {
        this.disk = disk;
        this.head = disk.bytes(0, (int) Math.min(LENGTH, disk.size()));
    }

    @Override
    public long size() {
        return disk.size();
    }

    @Override
    public ByteBuffer read(long offset, int length) {
        return offset >= 0 && offset <= head.length() - length
                ? head.buffer((int) offset, length)
                : disk.read(offset, length);
    }
}
