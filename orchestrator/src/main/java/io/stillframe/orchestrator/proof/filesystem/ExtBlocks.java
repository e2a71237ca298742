package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;

/** Where the blocks of one ext inode lie: a tree of extents, or ext2's lists of blocks. */
record ExtBlocks(DiskImage volume, int blockSize, Bytes inode) {
    private static final long FLAG_EXTENTS = 0x80000;
    private static final int MAP = 0x28;
    private static final int MAP_LENGTH = 60;
    /** The kernel's own limit of an extent tree's depth. */
    private static final int DEEPEST = 5;

    private static final int DIRECT = 12;

    /**
     * The beginning of a block of the file.
     *
     * @throws Unreadable when there is none
     */
    Bytes read(long logical, int length) {
        long physical = (inode.u32(0x20) & FLAG_EXTENTS) != 0 ? byExtents(logical) : byLists(logical);
        if (physical <= 0 || physical >= volume.size() / blockSize) {
            throw new Unreadable("block %d of a file is nowhere".formatted(logical));
        }
        return volume.bytes(physical * blockSize, length);
    }

    private long byExtents(long logical) {
        Bytes node = inode.part(MAP, MAP_LENGTH);
        for (int level = 0; level <= DEEPEST; level++) {
            int entries = node.u16(2);
            if (node.u16(0) != 0xf30a || entries > (node.length() - 12) / 12) {
                throw new Unreadable("an extent tree is damaged");
            }
            boolean leaf = node.u16(6) == 0;
            int chosen = lastNotAfter(node, entries, logical);
            if (leaf) {
                return extent(node, chosen, logical);
            }
            long child = (long) node.u16(chosen + 8) << 32 | node.u32(chosen + 4);
            if (child <= 0 || child >= volume.size() / blockSize) {
                throw new Unreadable("an extent tree leads out of bounds");
            }
            node = volume.bytes(child * blockSize, blockSize);
        }
        throw new Unreadable("an extent tree is too deep");
    }

    /** The place of the last entry that does not begin after a block; entries are in order. */
    private static int lastNotAfter(Bytes node, int entries, long logical) {
        int chosen = 0;
        for (int entry = 1; entry <= entries; entry++) {
            if (node.u32(entry * 12) <= logical) {
                chosen = entry * 12;
            }
        }
        if (chosen == 0) {
            throw new Unreadable("an extent tree lacks a block");
        }
        return chosen;
    }

    private static long extent(Bytes node, int at, long logical) {
        long first = node.u32(at);
        int length = node.u16(at + 4); // above 32768 the extent was never written, which no journal's is
        if (logical >= first + length || length > 32768) {
            throw new Unreadable("an extent tree lacks a block");
        }
        return ((long) node.u16(at + 6) << 32 | node.u32(at + 8)) + logical - first;
    }

    private long byLists(long logical) {
        if (logical < DIRECT) {
            return inode.u32(MAP + (int) logical * 4);
        }
        long perBlock = blockSize / 4;
        long rest = logical - DIRECT;
        if (rest < perBlock) {
            return entry(inode.u32(MAP + DIRECT * 4), rest);
        }
        rest -= perBlock;
        if (rest < perBlock * perBlock) {
            return entry(entry(inode.u32(MAP + (DIRECT + 1) * 4), rest / perBlock), rest % perBlock);
        }
        throw new Unreadable("a journal is larger than any");
    }

    private long entry(long list, long index) {
        if (list <= 0 || list >= volume.size() / blockSize) {
            throw new Unreadable("a list of blocks leads out of bounds");
        }
        return volume.bytes(list * blockSize + index * 4, 4).u32(0);
    }
}
