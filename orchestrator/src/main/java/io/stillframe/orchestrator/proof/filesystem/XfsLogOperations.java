package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operations of one record of an XFS log, as far as they have to be told apart: changes of the superblock, changes of
 * inodes, the mark of an unmount, and anything else. Every item has to be whole within its record.
 *
 * @param unmounts whether there is the mark of an unmount
 * @param inodes the changes of inodes
 * @param other what is there besides all that
 */
record XfsLogOperations(boolean unmounts, List<XfsInodeItem> inodes, Optional<String> other) {
    private static final int HEADER = 12;
    private static final int LITTLE_ENDIAN = 1;
    private static final int FLAG_START = 0x01;
    private static final int FLAG_COMMIT = 0x02;
    private static final int FLAGS_SPLIT = 0x04 | 0x08 | 0x10;
    private static final int FLAG_UNMOUNT = 0x20;
    private static final long TRANSACTION = 0x5452414eL;
    private static final int BUFFER = 0x123c;
    private static final int INODE = 0x123b;
    private static final String SPLIT = "a transaction over several records";

    /**
     * Goes by a record's body.
     *
     * @param order in which the machine wrote its items (XLOG_FMT_...)
     * @throws Unreadable when it is damaged
     */
    static XfsLogOperations of(Bytes body, long order, long count) {
        Reading reading = new Reading(order);
        int at = 0;
        for (long i = 0; i < count && reading.other.isEmpty(); i++) {
            Bytes header = body.part(at, HEADER).bigEndian();
            int length = bounded(header.u32(4), body.length() - at - HEADER);
            reading.operation(header.u32(0), header.u8(9), body.part(at + HEADER, length));
            at += HEADER + length;
        }
        return reading.end();
    }

    private static int bounded(long length, int most) {
        if (length > most) {
            throw new Unreadable("an operation is longer than its record");
        }
        return (int) length;
    }

    /** What was read so far. */
    private static final class Reading {
        private final long order;
        private final List<XfsInodeItem> inodes = new ArrayList<>();
        private boolean unmounts;
        private Optional<String> other = Optional.empty();
        /** How many regions of the item that was begun are still to come, and in which transaction. */
        private int regionsLeft;

        private long transaction;

        Reading(long order) {
            this.order = order;
        }

        void operation(long of, int flags, Bytes region) {
            boolean bare = (flags & (FLAG_START | FLAG_COMMIT | FLAG_UNMOUNT)) == 0;
            if ((flags & FLAGS_SPLIT) != 0 || (regionsLeft > 0 && (!bare || of != transaction))) {
                other = Optional.of(SPLIT);
            } else if (regionsLeft > 0) {
                regionsLeft--;
            } else if ((flags & FLAG_UNMOUNT) != 0) {
                unmounts = true;
            } else if (bare) {
                transaction = of;
                begun(order == LITTLE_ENDIAN ? region : region.bigEndian());
            }
        }

        /** How a region begins: the head of a transaction, or of an item, followed by the item's further regions. */
        private void begun(Bytes region) {
            if (region.length() >= 16 && region.u32(0) == TRANSACTION) {
                return;
            }
            int type = region.u16(0);
            int regions = region.u16(2);
            Optional<XfsInodeItem> inode = type == INODE ? XfsInodeItem.of(region) : Optional.empty();
            boolean superblock = type == BUFFER && region.bits64(8) == 0;
            if (regions >= 1 && (superblock || inode.isPresent())) {
                inode.ifPresent(inodes::add);
                regionsLeft = regions - 1;
            } else {
                other = Optional.of("an item of type 0x%x".formatted(type));
            }
        }

        XfsLogOperations end() {
            return new XfsLogOperations(unmounts, inodes, regionsLeft > 0 ? other.or(() -> Optional.of(SPLIT)) : other);
        }
    }
}
