package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One record of an XFS log: a header ({@code struct xlog_rec_header}), one more for each further 32 KiB of its body, and
 * the body. On the disk the first word of each of the body's blocks is its cycle; what belongs there is in the headers.
 */
final class XfsLogRecord {
    private static final int CYCLES_PER_HEADER = 64;
    private static final int HEADER_COVERS = CYCLES_PER_HEADER * XfsLogRing.BLOCK;
    /** How much of a header its checksum covers: x86-64 and its kin, and 32-bit x86, which pads less. */
    private static final int[] SUMMED = {328, 324};

    private static final int MOST_LENGTH = 256 * 1024;

    private final XfsLogRing ring;
    private final long block;
    private final Bytes header;
    private final int headers;
    private final int length;

    private XfsLogRecord(XfsLogRing ring, long block, Bytes header, int headers, int length) {
        this.ring = ring;
        this.block = block;
        this.header = header;
        this.headers = headers;
        this.length = length;
    }

    static XfsLogRecord at(XfsLogRing ring, long block) {
        Bytes header = ring.read(block, 1);
        long version = header.u32(8);
        long length = header.u32(12);
        long iclog = header.u32(320);
        if (header.u32(0) != XfsLogRing.MAGIC || (header.bits64(16) & 0xffff_ffffL) != block) {
            throw new Unreadable("no record begins at block %d of it".formatted(block));
        }
        if (length > 2L * MOST_LENGTH || iclog > MOST_LENGTH || (version & ~3L) != 0 || version == 0) {
            throw new Unreadable("a record of it has no size");
        }
        boolean extended = (version & 2) != 0 && iclog > HEADER_COVERS;
        int headers = extended ? (int) (iclog + HEADER_COVERS - 1) / HEADER_COVERS : 1;
        return new XfsLogRecord(ring, block, header, headers, (int) length);
    }

    long cycle() {
        return header.u32(4);
    }

    /** Its place in the log, and in time: cycle and block. */
    long lsn() {
        return header.bits64(16);
    }

    long tailBlock() {
        long tail = header.bits64(24) & 0xffff_ffffL;
        if (tail >= ring.blocks()) {
            throw new Unreadable("its tail is beyond its end");
        }
        return tail;
    }

    /** Whether its tail is older than a record; a place in a later lap cannot be. */
    boolean tailIsBefore(XfsLogRecord record) {
        return Long.compareUnsigned(header.bits64(24), record.lsn()) <= 0;
    }

    long operationCount() {
        return header.u32(40);
    }

    /** Of the buffer that it was written from. */
    int iclogBlocks() {
        return Math.max(HEADER_COVERS, (int) header.u32(320)) / XfsLogRing.BLOCK;
    }

    int blocks() {
        return headers + bodyBlocks();
    }

    boolean endsAt(long head) {
        return ring.block(block, blocks()) == ring.block(head, 0);
    }

    /**
     * What is in it.
     *
     * @throws Unreadable when it is damaged
     */
    XfsLogOperations read() {
        Bytes extended = ring.read(ring.block(block, 1), headers - 1);
        Bytes body = ring.read(ring.block(block, headers), bodyBlocks());
        long crc = Integer.reverseBytes((int) header.u32(32)) & 0xffff_ffffL;
        if (crc != 0 && !matches(crc, extended, body)) {
            throw new Unreadable("a record's checksum is wrong");
        }
        return XfsLogOperations.of(unpacked(extended, body), header.u32(300), operationCount());
    }

    /** Summed ({@code xlog_cksum}): the header without the sum, those further headers that the body needs, the body. */
    private boolean matches(long crc, Bytes extended, Bytes body) {
        int summedHeaders = Math.min(headers, (length + HEADER_COVERS - 1) / HEADER_COVERS);
        for (int summed : SUMMED) {
            List<Bytes> parts = new ArrayList<>();
            parts.add(header.part(0, 32));
            parts.add(Bytes.of(new byte[4]));
            parts.add(header.part(36, summed - 36));
            for (int i = 1; i < summedHeaders; i++) {
                parts.add(extended.part((i - 1) * XfsLogRing.BLOCK, 4 + CYCLES_PER_HEADER * 4));
            }
            parts.add(body.part(0, length));
            if (crc == Crc.castagnoli(parts.toArray(Bytes[]::new))) {
                return true;
            }
        }
        return false;
    }

    private Bytes unpacked(Bytes extended, Bytes body) {
        ByteBuffer whole = ByteBuffer.wrap(body.array(0, body.length()));
        for (int i = 0; i < bodyBlocks() && i < headers * CYCLES_PER_HEADER; i++) {
            int cycles = i / CYCLES_PER_HEADER;
            int within = i % CYCLES_PER_HEADER * 4;
            long word =
                    cycles == 0 ? header.u32(44 + within) : extended.u32((cycles - 1) * XfsLogRing.BLOCK + 4 + within);
            whole.putInt(i * XfsLogRing.BLOCK, (int) word);
        }
        return Bytes.of(whole).part(0, length);
    }

    private int bodyBlocks() {
        return (length + XfsLogRing.BLOCK - 1) / XfsLogRing.BLOCK;
    }
}
