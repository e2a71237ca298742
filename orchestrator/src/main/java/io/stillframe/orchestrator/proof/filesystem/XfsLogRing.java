package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.nio.ByteBuffer;

/** The ring of 512-byte blocks of an XFS log. Positions are blocks from its beginning, and go on past its end. */
final class XfsLogRing {
    static final int BLOCK = 512;
    static final long MAGIC = 0xfeedbabeL;
    /** A header, at the most 8 of them, and 256 KiB. */
    private static final int MOST_RECORD = 520;
    /** Rounded up to a stripe unit. */
    private static final int MOST_BACK = 2 * MOST_RECORD;

    private static final int STEP = 64;

    private final DiskImage log;
    private final long blocks;

    XfsLogRing(DiskImage log) {
        this.log = log;
        this.blocks = log.size() / BLOCK;
        if (blocks < 2 * STEP) {
            throw new Unreadable("it is shorter than any");
        }
    }

    /** The first block that was not written in the newest lap, by halving; the number of blocks when there is none. */
    long head() {
        long first = cycleOf(read(0, 1), 0);
        long low = 0; // of the newest lap
        long high = blocks; // not of it
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            if (cycleOf(read(middle, 1), 0) == first) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /**
     * The record that ends before a block.
     *
     * @throws Unreadable when there is none within the longest that a record can be
     */
    XfsLogRecord lastBefore(long head) {
        for (long back = STEP; back <= MOST_BACK; back += STEP) {
            long from = block(head, -back);
            Bytes step = read(from, STEP);
            for (int i = STEP - 1; i >= 0; i--) {
                if (step.u32(i * BLOCK) == MAGIC) {
                    return recordAt(block(from, i));
                }
            }
        }
        throw new Unreadable("no record ends at its head");
    }

    /**
     * The record that begins at a block.
     *
     * @throws Unreadable when none does
     */
    XfsLogRecord recordAt(long block) {
        return XfsLogRecord.at(this, block);
    }

    /** Whether a block after the head was written in the head's own lap: something newer than a gap. */
    boolean writtenWithin(long head, int count, long cycle) {
        long end = Math.min(blocks, head + count);
        for (long from = head; from < end; from += STEP) {
            int length = (int) Math.min(STEP, end - from);
            Bytes step = read(from, length);
            for (int i = 0; i < length; i++) {
                if (cycleOf(step, i) >= cycle) {
                    return true;
                }
            }
        }
        return false;
    }

    /** So many blocks, past the end of the ring where they go there. */
    Bytes read(long block, int count) {
        int before = (int) Math.min(count, blocks - block);
        if (before == count) {
            return log.bytes(block * BLOCK, count * BLOCK).bigEndian();
        }
        ByteBuffer joined = ByteBuffer.allocate(count * BLOCK);
        joined.put(log.read(block * BLOCK, before * BLOCK));
        joined.put(log.read(0, (count - before) * BLOCK));
        return Bytes.of(joined.flip()).bigEndian();
    }

    long block(long from, long forward) {
        return Math.floorMod(from + forward, blocks);
    }

    long distance(long from, long to) {
        return Math.floorMod(to - from, blocks);
    }

    long blocks() {
        return blocks;
    }

    private static long cycleOf(Bytes read, int block) {
        long word = read.u32(block * BLOCK);
        return word == MAGIC ? read.u32(block * BLOCK + 4) : word;
    }
}
