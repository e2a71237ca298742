package io.stillframe.storage.block;

import io.stillframe.storage.Meter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes one raw disk the same as another by writing only what differs.
 *
 * <p>Crash argument: whatever the target holds, a run that comes to its end leaves it the same as the source, on stable
 * storage. So one that was interrupted is simply done again, and its second run writes only what the first did not.
 * What is written back to a snapshot's origin differs from the snapshot, so a copy-on-write backend has kept it for that
 * snapshot already.
 */
public final class WriteBack {
    private static final int BUFFER = 4 << 20;
    /** What is compared at once: the smallest chunk of the copy-on-write backends we meet, so that no other is touched. */
    private static final int GRAIN = 4096;

    private final Path source;
    private final Path target;
    private final ByteBuffer wanted = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer found = ByteBuffer.allocateDirect(BUFFER);

    /**
     * Names the disks; nothing is opened.
     *
     * @param source a raw disk that nobody writes to meanwhile
     * @param target a raw disk that nobody else uses, at least as large; what lies beyond the source's end is left alone
     */
    public WriteBack(Path source, Path target) {
        this.source = source;
        this.target = target;
    }

    /**
     * Does it. An interrupt of the thread ends it with an exception.
     *
     * @param meter is told the bytes compared
     * @return the bytes written
     * @throws IOException when a disk cannot be read or written, or the target is the smaller one; the target may hold a
     *     mixture then
     */
    public long run(Meter meter) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(target, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = from.size();
            if (to.size() < size) {
                throw new IOException("%s has %d bytes, %s has %d".formatted(target, to.size(), source, size));
            }
            long written = 0;
            meter.at(0, size);
            for (long position = 0; position < size; position += wanted.limit()) {
                int length = (int) Math.min(BUFFER, size - position);
                fill(wanted, from, position, length);
                fill(found, to, position, length);
                written += writeDifferences(to, position);
                meter.at(position + length, size);
            }
            to.force(true);
            return written;
        }
    }

    private long writeDifferences(FileChannel to, long position) throws IOException {
        int length = wanted.limit();
        long written = 0;
        int at = 0;
        while (at < length) {
            int begin = nextGrain(at, length, true);
            int end = nextGrain(begin, length, false);
            if (begin < end) {
                write(to, wanted.slice(begin, end - begin), position + begin);
            }
            written += end - begin;
            at = end;
        }
        return written;
    }

    /** Where the next grain begins that differs, or does not. */
    private int nextGrain(int from, int length, boolean differs) {
        int at = from;
        while (at < length && differs(at, Math.min(GRAIN, length - at)) != differs) {
            at += GRAIN;
        }
        return Math.min(at, length);
    }

    private boolean differs(int at, int length) {
        return wanted.slice(at, length).mismatch(found.slice(at, length)) >= 0;
    }

    private static void fill(ByteBuffer buffer, FileChannel disk, long position, int length) throws IOException {
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
            if (disk.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("a disk ends at %d".formatted(position + buffer.position()));
            }
        }
        buffer.flip();
    }

    private static void write(FileChannel disk, ByteBuffer bytes, long position) throws IOException {
        long next = position;
        while (bytes.hasRemaining()) {
            next += disk.write(bytes, next);
        }
    }
}
