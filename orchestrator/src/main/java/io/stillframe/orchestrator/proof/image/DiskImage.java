package io.stillframe.orchestrator.proof.image;

import java.nio.ByteBuffer;

/** A disk, or a part of one, that is only read. What is on it was written by a guest, and may be anything. */
public interface DiskImage {
    /** In bytes. */
    long size();

    /**
     * Reads a range.
     *
     * @param length bytes; the caller bounds it: it is never a number from the disk
     * @return exactly so many bytes, which the caller does not write to
     * @throws Unreadable when the range is not wholly within the disk, or a limit is reached
     * @throws java.io.UncheckedIOException when the storage fails
     */
    ByteBuffer read(long offset, int length);

    /** A range, to be taken apart: little-endian until told otherwise. */
    default Bytes bytes(long offset, int length) {
        return Bytes.of(read(offset, length));
    }

    /**
     * A range of this disk as a disk of its own.
     *
     * @throws Unreadable when it is not wholly within this one
     */
    default DiskImage part(long offset, long length) {
        return new Part(this, offset, length);
    }
}
