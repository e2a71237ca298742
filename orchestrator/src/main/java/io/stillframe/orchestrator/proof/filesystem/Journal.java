package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.List;
import java.util.Optional;

/**
 * jbd2's journal (Documentation/filesystems/ext4/journal.rst). A freeze empties it: {@code jbd2_mark_journal_empty} sets
 * {@code s_start} to 0, and the first transaction afterwards sets it again before it is written ({@code
 * jbd2_journal_commit_transaction}). It stands in another block than the filesystem's superblock, so that a forged mark in
 * one is contradicted by the other.
 */
record Journal(ExtBlocks blocks, Bytes superblock) {
    private static final long MAGIC = 0xc03b3998L;
    private static final int CSUM_V2_OR_V3 = 0x8 | 0x10;

    /**
     * Finds it.
     *
     * @throws Unreadable when there is none
     */
    static Journal open(DiskImage volume, ExtBlocks blocks, int blockSize) {
        Bytes superblock = blocks.read(0, 1024).bigEndian();
        long type = superblock.u32(4);
        if (superblock.u32(0) != MAGIC || (type != 3 && type != 4) || superblock.u32(12) != blockSize) {
            throw new Unreadable("there is no journal where it should be");
        }
        return new Journal(blocks, superblock);
    }

    /** Why it has to be replayed or is not to be trusted; empty when it is empty. */
    Optional<String> inUse(List<Value> seen) {
        if (!checksumIsRight()) {
            return Optional.of("its journal's checksum is wrong");
        }
        long start = superblock.u32(28);
        seen.add(Value.of("journal start", start));
        seen.add(Value.of("journal sequence", sequence()));
        if (start != 0) {
            return Optional.of("its journal holds transactions");
        }
        if (superblock.u32(32) != 0) {
            return Optional.of("its journal was aborted with an error");
        }
        return writtenAfterwards()
                ? Optional.of("its journal was written to after it had been marked as empty")
                : Optional.empty();
    }

    /** Since Linux 5.19 an empty journal tells where the next transaction will be put ({@code s_head}). */
    private boolean writtenAfterwards() {
        long head = superblock.u32(0x58);
        if (head < superblock.u32(20) || head >= superblock.u32(16)) {
            return false;
        }
        Bytes next = blocks.read(head, 12).bigEndian();
        return next.u32(0) == MAGIC && next.u32(8) == sequence();
    }

    private boolean checksumIsRight() {
        if ((superblock.u32(40) & CSUM_V2_OR_V3) == 0) {
            return true;
        }
        long crc =
                ~Crc.castagnoli(superblock.part(0, 0xfc), Bytes.of(new byte[4]), superblock.part(0x100, 1024 - 0x100));
        return superblock.u32(0xfc) == (crc & 0xffff_ffffL);
    }

    private long sequence() {
        return superblock.u32(24);
    }
}
