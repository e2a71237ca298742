package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * XFS's log (fs/xfs/libxfs/xfs_log_format.h): a ring of 512-byte blocks, of which the first word of each tells the lap it
 * was written in, its cycle. The head is where the cycle falls back by one; the record before it tells the tail, where
 * recovery would begin.
 *
 * <p>What a freeze leaves: {@code xfs_fs_freeze} calls {@code xfs_log_quiesce}, which writes back all that the log
 * holds and then covers it ({@code xfs_log_cover}, Linux 5.12 and later): the superblock is logged twice, each time in a
 * checkpoint of its own, so that the second one's tail is the first. Between tail and head are then two records, or one,
 * with nothing in them but the superblock. Before 5.12 an unmount record was written and the superblock logged after it.
 * The log stays formally dirty, so that a mount replays it. The distance alone is no rule: a record is as long as the log's
 * stripe unit at the least, 4 blocks frozen without one and 256 with 64 KiB.
 *
 * <p>The kernel takes every record of five operations (XLOG_COVER_OPS) for one of the superblock, and one with nothing but the
 * core of one inode has as many. Where that was the only kind of change since the log was covered, the kernel holds it to be
 * covered still ({@code xlog_covered_state}), and a freeze logs the superblock once: the tail is the inode's record then.
 * That inode is in its place, as all is that was in the log. So the rule is: from the tail to the head nothing waits to be
 * replayed but the superblock, and inodes that are in their place already ({@link XfsInodes}).
 *
 * <p>None of that is a sign of a freeze. A thaw writes nothing, and neither log nor inode is written when a file is
 * rewritten in its place, O_DSYNC or not, before the next {@code xfs_log_worker}, 30 s later: so long a log that a freeze has
 * left stays as it is. A live filesystem whose inodes were written back, or that was idle for more than a minute, looks the
 * same. Only an unmount record tells that nobody writes, or that nothing was logged since the mount.
 */
final class XfsLog {
    /** Two records, each of 256 KiB at the most and rounded up to a stripe unit of 256 KiB at the most. */
    private static final int MOST_BLOCKS = 2 * 1040;

    private static final int MOST_RECORDS = 8;
    /** How many records can be under way at once, out of order (XLOG_MAX_ICLOGS). */
    private static final int IN_FLIGHT = 8;

    /**
     * What was seen of a log.
     *
     * @param doubt why something waits to be replayed; empty where nothing does
     * @param mark how much it says that nothing does
     */
    record Verdict(Optional<String> doubt, Mark mark, List<Value> seen) {}

    private final XfsLogRing ring;
    private final Optional<XfsInodes> inodes;
    private final List<Value> seen = new ArrayList<>();
    private boolean unmounted;
    private long inPlace;

    private XfsLog(XfsLogRing ring, Optional<XfsInodes> inodes) {
        this.ring = ring;
        this.inodes = inodes;
    }

    /**
     * Takes a range as a log.
     *
     * @param inodes where they tell which change they hold
     * @throws Unreadable when it is none
     */
    static XfsLog open(DiskImage log, Optional<XfsInodes> inodes) {
        return new XfsLog(new XfsLogRing(log), inodes);
    }

    /** Whether anything waits to be replayed. */
    Verdict examine() {
        Optional<String> doubt = doubt();
        return new Verdict(doubt, unmounted ? Mark.AT_REST : Mark.COMMITTED, seen);
    }

    private Optional<String> doubt() {
        long head = ring.head();
        XfsLogRecord last = ring.lastBefore(head);
        long tail = last.tailBlock();
        long distance = ring.distance(tail, head);
        seen.add(Value.of("log head", head));
        seen.add(Value.of("log tail", tail));
        seen.add(Value.of("log cycle", last.cycle()));
        if (!last.endsAt(head)) {
            return Optional.of("its log ends within a record");
        }
        if (ring.writtenWithin(head, IN_FLIGHT * last.iclogBlocks(), last.cycle())) {
            return Optional.of("its log was being written to");
        }
        if (last.operationCount() == 1 && last.read().unmounts()) {
            seen.add(Value.of("log record", "unmount"));
            unmounted = true;
            return Optional.empty();
        }
        seen.add(Value.of("blocks to replay", distance));
        return distance == 0 || distance > MOST_BLOCKS || !last.tailIsBefore(last)
                ? Optional.of("its log holds changes to replay")
                : replayed(tail, distance, last);
    }

    /** Goes by every record that a mount would replay. */
    private Optional<String> replayed(long tail, long distance, XfsLogRecord last) {
        long gone = 0;
        int records = 0;
        while (gone < distance) {
            XfsLogRecord record = ring.recordAt(ring.block(tail, gone));
            gone += record.blocks();
            records++;
            if (gone > distance || records > MOST_RECORDS || record.cycle() > last.cycle()) {
                return Optional.of("its log's records do not follow one another");
            }
            XfsLogOperations operations = record.read();
            Optional<String> waiting = operations.other().or(() -> outOfPlace(operations.inodes(), record, last));
            if (waiting.isPresent()) {
                seen.add(Value.of("log record", waiting.get()));
                return Optional.of("its log holds changes to replay");
            }
            inPlace += operations.inodes().size();
        }
        String besides = inPlace == 0 ? " alone" : " and of %d inodes, in their place".formatted(inPlace);
        seen.add(Value.of("log records", records + " of the superblock" + besides));
        return Optional.empty();
    }

    private Optional<String> outOfPlace(List<XfsInodeItem> changes, XfsLogRecord record, XfsLogRecord last) {
        return changes.stream()
                .filter(change -> inodes.isEmpty() || !inodes.get().hold(change, record.lsn(), last.lsn()))
                .findFirst()
                .map(change ->
                        "a change of inode %s, not in its place".formatted(Long.toUnsignedString(change.inode())));
    }
}
