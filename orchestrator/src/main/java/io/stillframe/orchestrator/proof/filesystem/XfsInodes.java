package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Extent;
import java.util.Arrays;
import java.util.Optional;

/**
 * The inodes of an XFS where they lie ({@code struct xfs_dinode}). Each tells which change it holds: {@code xfs_iflush} puts
 * the item's LSN there, which is that of the record in which the last checkpoint with a change of that inode begins.
 *
 * @param size of one, in bytes
 * @param uuid that each of them bears
 */
record XfsInodes(DiskImage volume, int size, Bytes uuid) {
    private static final int INCOMPAT_META_UUID = 0x4;
    private static final int CRC = 100;

    /** Empty where inodes have no LSN, as before version 5. */
    static Optional<XfsInodes> of(DiskImage volume, Bytes superblock) {
        int size = superblock.u16(104);
        boolean sized = size >= 256 && size <= 2048 && Integer.bitCount(size) == 1;
        if ((superblock.u16(100) & 0xf) != 5 || !sized) {
            return Optional.empty();
        }
        boolean own = (superblock.u32(216) & INCOMPAT_META_UUID) != 0;
        return Optional.of(new XfsInodes(volume, size, superblock.part(own ? 248 : 32, 16)));
    }

    /**
     * Whether a change of a record is in its place: the inode there is whole, and what it holds is of that record or of a
     * later one of the same log.
     *
     * <p>The same LSN is enough. Several checkpoints can begin in one record and then have one LSN; that is why recovery
     * replays the inode of an equal LSN since Linux 5.14, and skipped it before ({@code xlog_recover_inode_commit_pass2}).
     * But an inode is pinned from when a checkpoint takes it until all of that checkpoint is in the log, and a pinned one is
     * not written ({@code xfs_iflush_cluster}): whichever of those checkpoints was the last, its change is there, and to
     * replay them all again ends where the inode is.
     *
     * @param lsn of the record
     * @param newest the LSN of the log's last record
     */
    boolean hold(XfsInodeItem change, long lsn, long newest) {
        long at = Extent.product(change.block(), XfsLogRing.BLOCK) + change.offset();
        Bytes inode = volume.bytes(at, size).bigEndian();
        long held = inode.bits64(112);
        return inode.holds(0, "IN")
                && inode.u8(4) == 3
                && inode.bits64(152) == change.inode()
                && Arrays.equals(inode.array(160, 16), uuid.array(0, 16))
                && checksumIsRight(inode)
                && Long.compareUnsigned(held, lsn) >= 0
                && Long.compareUnsigned(held, newest) <= 0;
    }

    private boolean checksumIsRight(Bytes inode) {
        long crc = Integer.reverseBytes((int) inode.u32(CRC)) & 0xffff_ffffL;
        return crc == Crc.castagnoli(inode.part(0, CRC), Bytes.of(new byte[4]), inode.part(CRC + 4, size - CRC - 4));
    }
}
