package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import java.util.Optional;

/**
 * A change of one inode in an XFS log ({@code struct xfs_inode_log_format}): with what is logged of it, its forks too, it
 * goes to one place on the disk.
 *
 * @param inode its number
 * @param block in which its cluster begins, of 512 bytes
 * @param offset in bytes, from there
 */
record XfsInodeItem(long inode, long block, int offset) {
    /** With a gap before its 64-bit numbers, and without: 32-bit machines leave none. */
    private static final int PADDED = 56;

    private static final int PACKED = 52;
    /** Makes recovery go by the inode's whole tree of extents as well, newer or not (XFS_ILOG_DOWNER, XFS_ILOG_AOWNER). */
    private static final long OWNER_CHANGES = 0x200 | 0x400;
    /** A cluster of inodes is smaller. */
    private static final long MOST_OFFSET = 65536;

    /**
     * Takes an item's first region apart; empty where it is another, or is about more than the inode's own place.
     *
     * @throws io.stillframe.orchestrator.proof.image.Unreadable when its place is beyond all sizes
     */
    static Optional<XfsInodeItem> of(Bytes region) {
        if (region.length() != PADDED && region.length() != PACKED) {
            return Optional.empty();
        }
        int at = region.length() == PADDED ? 16 : 12;
        long offset = region.u32(at + 36);
        return (region.u32(4) & OWNER_CHANGES) != 0 || offset >= MOST_OFFSET
                ? Optional.empty()
                : Optional.of(new XfsInodeItem(region.bits64(at), region.u64(at + 24), (int) offset));
    }
}
