package io.stillframe.orchestrator.proof.layout;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A partition table in the first sector, with the chain of tables of an extended partition (block/partitions/msdos.c).
 *
 * @param protective whether it announces a GPT
 */
record Mbr(boolean protective, PartitionTable table) {
    private static final int ENTRIES = 446;
    private static final int PROTECTIVE = 0xee;
    private static final Set<Integer> EXTENDED = Set.of(0x05, 0x0f, 0x85);
    private static final int MOST_LOGICAL = 100;

    static Optional<Mbr> read(DiskImage disk, int sectorSize) {
        if (disk.size() < sectorSize) {
            return Optional.empty();
        }
        Bytes sector = disk.bytes(0, 512);
        List<Entry> entries = Entry.all(sector);
        if (sector.u16(510) != 0xaa55
                || !entries.stream().allMatch(Entry::sane)
                || entries.stream().noneMatch(Entry::used)) {
            return Optional.empty();
        }
        List<Partition> partitions = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.used() && !entry.extended()) {
                partitions.add(entry.partition(i + 1, 0, sectorSize, "%08x-%02x".formatted(sector.u32(440), i + 1)));
            }
        }
        entries.stream().filter(Entry::used).filter(Entry::extended).findFirst().ifPresent(extended -> {
            Chain chain = new Chain(disk, sectorSize, extended, sector.u32(440));
            chain.follow(partitions, remarks);
        });
        boolean protective = entries.stream().anyMatch(entry -> entry.type() == PROTECTIVE);
        return Optional.of(
                new Mbr(protective, new PartitionTable(PartitionTable.Kind.MBR, sectorSize, partitions, remarks)));
    }

    private record Entry(int status, int type, long start, long sectors) {
        static List<Entry> all(Bytes sector) {
            List<Entry> entries = new ArrayList<>();
            for (int at = ENTRIES; at < 510; at += 16) {
                entries.add(new Entry(sector.u8(at), sector.u8(at + 4), sector.u32(at + 8), sector.u32(at + 12)));
            }
            return entries;
        }

        boolean sane() {
            return (status & 0x7f) == 0;
        }

        boolean used() {
            return type != 0 && sectors != 0;
        }

        boolean extended() {
            return EXTENDED.contains(type);
        }

        Partition partition(int number, long from, int sectorSize, String uuid) {
            return new Partition(number, (from + start) * sectorSize, sectors * sectorSize, uuid);
        }
    }

    /** Each table of the chain has a logical partition and the place of the next table, counted from the extended one. */
    private record Chain(DiskImage disk, int sectorSize, Entry extended, long signature) {
        void follow(List<Partition> partitions, List<String> remarks) {
            Set<Long> visited = new HashSet<>();
            long table = extended.start();
            int number = 5;
            while (visited.add(table)) {
                if (visited.size() > MOST_LOGICAL) {
                    remarks.add("there are more logical partitions than are looked at");
                    return;
                }
                List<Entry> entries = entries(table, remarks);
                for (Entry entry : entries) {
                    if (entry.used() && !entry.extended() && number < 5 + MOST_LOGICAL) {
                        String uuid = "%08x-%02x".formatted(signature, number);
                        partitions.add(entry.partition(number++, table, sectorSize, uuid));
                    }
                }
                Optional<Entry> next = entries.stream()
                        .filter(Entry::used)
                        .filter(Entry::extended)
                        .findFirst();
                if (next.isEmpty()) {
                    return;
                }
                table = extended.start() + next.get().start();
            }
            remarks.add("its logical partitions run in a circle");
        }

        private List<Entry> entries(long table, List<String> remarks) {
            try {
                Bytes sector = disk.bytes(table * sectorSize, 512);
                if (sector.u16(510) == 0xaa55) {
                    return Entry.all(sector);
                }
                remarks.add("a table of logical partitions is damaged");
            } catch (Unreadable e) {
                remarks.add("a table of logical partitions cannot be read: " + e.getMessage());
            }
            return List.of();
        }
    }
}
