package io.stillframe.db;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.Arrays;
import org.h2.store.fs.FileBaseDefault;

/**
 * A file of H2's, kept as a {@link Chain} of the writes to it. H2 sees bytes at positions, as ever; below, each of its
 * writes is a record behind the one before. So whatever a disk drops or reorders when the power fails, H2 finds its file
 * as it was between two of its writes: as after a kill at that moment, from which it recovers. By itself it does not see
 * that the middle of a chunk was lost, and reads values that nobody wrote.
 */
final class OrderedFile extends FileBaseDefault {
    /** H2 writes and cuts at whole blocks. */
    private static final int BLOCK = 4096;

    private final FileChannel base;
    private final Chain chain;

    /** Where in the base each block is. */
    private long[] places = new long[256];

    private int blocks;

    OrderedFile(FileChannel base, boolean writable) throws IOException {
        this.base = base;
        this.chain = writable && base.size() == 0 ? Chain.begin(base) : Chain.whole(base);
        long forced = Chain.claimed(base).end();
        chain.follow(this::place);
        long end = chain.mark().end();
        if (end < forced) {
            throw new DamagedException("%d bytes were once on the disk, %d are as they were".formatted(forced, end));
        }
        if (writable && base.size() > end) {
            // on the disk before anything is written: else the same write again could bring back what came after it
            base.truncate(end);
            base.force(true);
        }
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
        int length = source.remaining();
        requireBlocks(position);
        requireBlocks(length);
        if (position > size()) {
            throw new IOException("a gap before " + position);
        }
        place(position, length, chain.append(position, source));
        return length;
    }

    @Override
    protected synchronized void implTruncate(long length) throws IOException {
        requireBlocks(length);
        place(length, 0, chain.append(length, ByteBuffer.allocate(0)));
    }

    /** Reads as far as the base goes on where the file does. */
    @Override
    public synchronized int read(ByteBuffer target, long position) throws IOException {
        int first = Math.toIntExact(position / BLOCK);
        if (first >= blocks) {
            return -1;
        }
        int within = (int) (position % BLOCK);
        int last = first;
        while ((last + 1 - first) * BLOCK - within < target.remaining() && follows(last)) {
            last++;
        }
        int length = Math.min(target.remaining(), (last + 1 - first) * BLOCK - within);
        int read = base.read(target.slice(target.position(), length), places[first] + within);
        target.position(target.position() + Math.max(0, read));
        return read;
    }

    private boolean follows(int block) {
        return block + 1 < blocks && places[block + 1] == places[block] + BLOCK;
    }

    private static void requireBlocks(long bytes) throws IOException {
        if (bytes % BLOCK != 0) {
            throw new IOException("not whole blocks: " + bytes);
        }
    }

    /** A record without data is where the file was cut. */
    private void place(long position, int length, long place) {
        int first = Math.toIntExact(position / BLOCK);
        int last = first + length / BLOCK;
        if (last > places.length) {
            places = Arrays.copyOf(places, Math.max(last, 2 * places.length));
        }
        for (int block = first; block < last; block++) {
            places[block] = place + (long) (block - first) * BLOCK;
        }
        blocks = length == 0 ? Math.min(blocks, first) : Math.max(blocks, last);
    }

    @Override
    public synchronized long size() {
        return (long) blocks * BLOCK;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        base.force(metaData);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return base.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        base.close();
    }
}
