package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.Optional;

/**
 * The operations of one record of an XFS log, as far as they have to be told apart: changes of the superblock, the mark of
 * an unmount, and anything else.
 *
 * @param unmounts whether there is the mark of an unmount
 * @param other what is there besides the superblock and that mark
 */
record XfsLogOperations(boolean unmounts, Optional<String> other) {
    private static final int HEADER = 12;
    private static final int LITTLE_ENDIAN = 1;
    private static final int FLAG_START = 0x01;
    private static final int FLAG_COMMIT = 0x02;
    private static final int FLAGS_SPLIT = 0x04 | 0x08 | 0x10;
    private static final int FLAG_UNMOUNT = 0x20;
    private static final long TRANSACTION = 0x5452414eL;
    private static final int BUFFER = 0x123c;

    /**
     * Goes by a record's body.
     *
     * @param order in which the machine wrote its items (XLOG_FMT_...)
     * @throws Unreadable when it is damaged
     */
    static XfsLogOperations of(Bytes body, long order, long count) {
        boolean unmounts = false;
        int regionsToSkip = 0;
        int at = 0;
        for (long i = 0; i < count; i++) {
            Bytes header = body.part(at, HEADER).bigEndian();
            int flags = header.u8(9);
            int length = bounded(header.u32(4), body.length() - at - HEADER);
            Bytes region = body.part(at + HEADER, length);
            at += HEADER + length;
            if ((flags & FLAG_UNMOUNT) != 0) {
                unmounts = true;
            } else if ((flags & FLAGS_SPLIT) != 0) {
                return new XfsLogOperations(unmounts, Optional.of("a transaction over several records"));
            } else if (regionsToSkip > 0) {
                regionsToSkip--;
            } else if ((flags & (FLAG_START | FLAG_COMMIT)) == 0) {
                Item item = Item.of(order == LITTLE_ENDIAN ? region : region.bigEndian());
                if (item.superblock()) {
                    regionsToSkip = item.regions() - 1;
                } else if (!item.transaction()) {
                    return new XfsLogOperations(unmounts, Optional.of("an item of type 0x%x".formatted(item.type())));
                }
            }
        }
        return new XfsLogOperations(unmounts, Optional.empty());
    }

    private static int bounded(long length, int most) {
        if (length > most) {
            throw new Unreadable("an operation is longer than its record");
        }
        return (int) length;
    }

    /** How a region begins: the head of a transaction, or of an item, followed by the item's further regions. */
    private record Item(boolean transaction, int type, int regions, boolean superblock) {
        static Item of(Bytes region) {
            if (region.length() >= 16 && region.u32(0) == TRANSACTION) {
                return new Item(true, 0, 1, false);
            }
            int type = region.u16(0);
            int regions = region.u16(2);
            boolean superblock = type == BUFFER && regions >= 1 && region.bits64(8) == 0;
            return new Item(false, type, regions, superblock);
        }
    }
}
