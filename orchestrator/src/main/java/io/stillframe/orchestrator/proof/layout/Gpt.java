package io.stillframe.orchestrator.proof.layout;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Label;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A GUID partition table (UEFI specification, chapter 5.3). Its backup in the last sector counts where the first is damaged. */
final class Gpt {
    private static final int[] SECTOR_SIZES = {512, 4096};
    /** 128 entries of 128 bytes are usual; a table that is larger than this is not believed. */
    private static final int MOST_BYTES = 128 * 1024;

    private Gpt() {}

    static PartitionTable read(DiskImage disk) {
        for (int sectorSize : SECTOR_SIZES) {
            Optional<PartitionTable> first = at(disk, 1, sectorSize, List.of());
            if (first.isPresent()) {
                return first.get();
            }
        }
        for (int sectorSize : SECTOR_SIZES) {
            Optional<PartitionTable> backup = at(
                    disk,
                    disk.size() / sectorSize - 1,
                    sectorSize,
                    List.of("the first GPT is damaged, its backup is not"));
            if (backup.isPresent()) {
                return backup.get();
            }
        }
        return new PartitionTable(
                PartitionTable.Kind.DAMAGED, 512, List.of(), List.of("neither copy of the GPT is whole"));
    }

    private static Optional<PartitionTable> at(DiskImage disk, long block, int sectorSize, List<String> remarks) {
        try {
            Bytes header = disk.bytes(block * sectorSize, sectorSize);
            return isWhole(header, block) ? entries(disk, header, sectorSize, remarks) : Optional.empty();
        } catch (Unreadable e) {
            return Optional.empty();
        }
    }

    private static boolean isWhole(Bytes header, long block) {
        long length = header.u32(12);
        if (!header.holds(0, "EFI PART") || length < 92 || length > header.length()) {
            return false;
        }
        long crc = Crc.ieee(header.part(0, 16), Bytes.of(new byte[4]), header.part(20, (int) length - 20));
        return header.u32(16) == crc && header.bits64(24) == block;
    }

    private static Optional<PartitionTable> entries(
            DiskImage disk, Bytes header, int sectorSize, List<String> remarks) {
        long count = header.u32(80);
        long size = header.u32(84);
        long at = header.u64(72);
        if (size < 128 || size > MOST_BYTES || count > MOST_BYTES / size || at >= disk.size() / sectorSize) {
            return Optional.empty();
        }
        Bytes array = disk.bytes(at * sectorSize, (int) (count * size));
        if (header.u32(88) != Crc.ieee(array)) {
            return Optional.empty();
        }
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < Math.min(count, PartitionTable.MOST); i++) {
            partition(array.part(i * (int) size, (int) size), i + 1, sectorSize).ifPresent(partitions::add);
        }
        return Optional.of(new PartitionTable(PartitionTable.Kind.GPT, sectorSize, partitions, remarks));
    }

    /** A number beyond all disks stays what it is: no partition lies there. */
    private static Optional<Partition> partition(Bytes entry, int number, int sectorSize) {
        if (entry.part(0, 16).zero()) {
            return Optional.empty();
        }
        long first = entry.bits64(32);
        long last = entry.bits64(40);
        boolean sane = first >= 0 && last >= first && last < Long.MAX_VALUE / sectorSize - 1;
        long offset = sane ? first * sectorSize : -1;
        long length = sane ? (last - first + 1) * sectorSize : 0;
        return Optional.of(new Partition(number, offset, length, uuid(entry)));
    }

    /** The first three of its fields are written little end first. */
    private static String uuid(Bytes entry) {
        byte[] bytes = entry.array(16, 16);
        int[] order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        byte[] ordered = new byte[16];
        for (int i = 0; i < ordered.length; i++) {
            ordered[i] = bytes[order[i]];
        }
        return Label.uuid(Bytes.of(ordered), 0);
    }
}
