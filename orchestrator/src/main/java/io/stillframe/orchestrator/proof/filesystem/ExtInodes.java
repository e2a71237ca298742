package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;

/** Finds an inode of an ext filesystem, as far as its journal needs it. */
record ExtInodes(DiskImage volume, Bytes superblock, int blockSize) {
    static final int INCOMPAT_64BIT = 0x80;
    private static final int INCOMPAT_META_BG = 0x10;

    /**
     * Where the blocks of an inode lie.
     *
     * @throws Unreadable when the way to it leads out of bounds
     */
    ExtBlocks blocks(long inode) {
        long perGroup = superblock.u32(0x28);
        int size = superblock.u32(0x4c) == 0 ? 128 : superblock.u16(0x58);
        if (perGroup == 0 || size < 128 || size > blockSize) {
            throw new Unreadable("its inodes have no place");
        }
        long group = (inode - 1) / perGroup;
        if (group > 0 && (superblock.u32(0x60) & INCOMPAT_META_BG) != 0) {
            throw new Unreadable("its group descriptors are spread over the disk");
        }
        long at = table(group) * blockSize + (inode - 1) % perGroup * size;
        return new ExtBlocks(volume, blockSize, volume.bytes(at, size));
    }

    /** The first block of a group's inode table; the descriptors begin in the block after the superblock's. */
    private long table(long group) {
        boolean wide = (superblock.u32(0x60) & INCOMPAT_64BIT) != 0;
        int length = wide ? superblock.u16(0xfe) : 32;
        if (length < 32 || length > 1024) {
            throw new Unreadable("its group descriptors have no size");
        }
        long descriptors = (1024L / blockSize + 1) * blockSize;
        Bytes descriptor = volume.bytes(descriptors + group * length, length);
        long high = wide && length >= 64 ? descriptor.u32(0x28) : 0;
        return bounded(high << 32 | descriptor.u32(0x8));
    }

    private long bounded(long block) {
        if (block < 0 || block >= volume.size() / blockSize) {
            throw new Unreadable("its inode table is beyond its end");
        }
        return block;
    }
}
