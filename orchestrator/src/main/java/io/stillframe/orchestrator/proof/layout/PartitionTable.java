package io.stillframe.orchestrator.proof.layout;

import io.stillframe.orchestrator.proof.image.DiskImage;
import java.util.List;
import java.util.Optional;

/**
 * A disk's partitions, as Linux finds them (block/partitions/): a GPT counts only where a protective MBR announces it.
 *
 * @param remarks what is wrong with the table without making it useless
 */
public record PartitionTable(Kind kind, int sectorSize, List<Partition> partitions, List<String> remarks) {
    /** No more are looked at: Linux itself stops at 256 of a GPT and 100 logical ones of an MBR. */
    static final int MOST = 256;

    /** Which table it is. */
    public enum Kind {
        GPT,
        MBR,
        /** A GPT is announced, but neither of its copies is whole. */
        DAMAGED
    }

    public PartitionTable {
        partitions = List.copyOf(partitions);
        remarks = List.copyOf(remarks);
    }

    /**
     * Reads the table of a disk; empty where it has none.
     *
     * @param sectorSize 512 or 4096 bytes, in which an MBR counts; a GPT is found with either
     * @throws io.stillframe.orchestrator.proof.image.Unreadable when a limit is reached
     */
    public static Optional<PartitionTable> read(DiskImage disk, int sectorSize) {
        return Mbr.read(disk, sectorSize).map(mbr -> mbr.protective() ? Gpt.read(disk) : mbr.table());
    }

    /** Whether any of its partitions lies wholly on this disk, beside the table. */
    public boolean liesOn(DiskImage disk) {
        return partitions.stream()
                .anyMatch(partition -> partition.offset() >= sectorSize
                        && partition.length() > 0
                        && partition.offset() <= disk.size() - partition.length());
    }
}
