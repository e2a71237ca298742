package io.stillframe.orchestrator.proof.filesystem;

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
 * The log stays formally dirty, so that a mount replays it. The rule is the same for all: from the tail to the head no
 * record has anything to replay but the superblock. The distance alone is no rule: a record is as long as the log's stripe
 * unit at the least, 4 blocks frozen without one and 256 with 64 KiB.
 *
 * <p>A live filesystem covers its log by itself when it has been idle for more than a minute ({@code xfs_log_worker}); it is
 * at rest then, too.
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
     * @param doubt why it is not covered; empty where it is
     */
    record Verdict(Optional<String> doubt, List<Value> seen) {}

    private final XfsLogRing ring;
    private final List<Value> seen = new ArrayList<>();

    private XfsLog(XfsLogRing ring) {
        this.ring = ring;
    }

    /**
     * Takes a range as a log.
     *
     * @throws Unreadable when it is none
     */
    static XfsLog open(DiskImage log) {
        return new XfsLog(new XfsLogRing(log));
    }

    /** Whether nothing but the superblock waits to be replayed. */
    Verdict examine() {
        return new Verdict(doubt(), seen);
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
            if (operations.other().isPresent()) {
                seen.add(Value.of("log record", operations.other().get()));
                return Optional.of("its log holds changes to replay");
            }
        }
        seen.add(Value.of("log records", records + " of the superblock alone"));
        return Optional.empty();
    }
}
