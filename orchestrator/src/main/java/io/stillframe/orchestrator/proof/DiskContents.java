package io.stillframe.orchestrator.proof;

import io.stillframe.orchestrator.proof.filesystem.Content;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.filesystem.Filesystems;
import io.stillframe.orchestrator.proof.filesystem.Filesystems.Examined;
import io.stillframe.orchestrator.proof.filesystem.Kind;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Head;
import io.stillframe.orchestrator.proof.image.Unreadable;
import io.stillframe.orchestrator.proof.layout.LogicalVolume;
import io.stillframe.orchestrator.proof.layout.Partition;
import io.stillframe.orchestrator.proof.layout.PartitionTable;
import io.stillframe.orchestrator.proof.layout.VolumeGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A disk taken apart: its partitions, the logical volumes in them, and what is on each. Where a disk has both a partition
 * table and the mark of a filesystem of its own, both are told: which one the guest uses is not on the disk.
 */
record DiskContents(List<FoundVolume> volumes, List<String> remarks) {
    private static final int USUAL_SECTOR = 512;
    private static final int LARGE_SECTOR = 4096;
    /** Their boot sectors end as an MBR does, and may look like one; hardly like one of which a partition is on the disk. */
    private static final Set<Kind> WITH_BOOT_SECTOR =
            Set.of(Kind.VFAT, Kind.EXFAT, Kind.NTFS, Kind.BITLOCKER, Kind.REFS);

    static DiskContents of(DiskImage disk) {
        try {
            return taken(new Head(disk));
        } catch (Unreadable e) {
            return new DiskContents(List.of(nothing(Place.wholeDisk(), disk.size(), e.getMessage())), List.of());
        }
    }

    private static DiskContents taken(DiskImage disk) {
        List<FoundVolume> whole = volume(disk, Place.wholeDisk());
        if (WITH_BOOT_SECTOR.contains(whole.get(0).content().kind())) {
            return parted(disk, table -> table.liesOn(disk))
                    .map(contents -> contents.with(ambiguous(whole)))
                    .orElseGet(() -> new DiskContents(whole, List.of()));
        }
        return parted(disk, table -> true)
                .map(contents -> contents.with(whole))
                .orElseGet(() -> new DiskContents(whole, List.of()));
    }

    private static List<FoundVolume> ambiguous(List<FoundVolume> whole) {
        return whole.stream()
                .map(found -> new FoundVolume(
                        found.place(),
                        found.size(),
                        found.content(),
                        new Unprovable("its boot sector is a partition table, too")))
                .toList();
    }

    /** An MBR does not say in which sectors it counts: large ones are tried where nothing is found with the usual ones. */
    private static Optional<DiskContents> parted(DiskImage disk, Predicate<PartitionTable> counts) {
        Optional<DiskContents> usual =
                PartitionTable.read(disk, USUAL_SECTOR).filter(counts).map(table -> parts(disk, table));
        if (usual.isEmpty() || usual.get().knowsAnything()) {
            return usual;
        }
        return PartitionTable.read(disk, LARGE_SECTOR)
                .filter(counts)
                .map(table -> parts(disk, table))
                .filter(DiskContents::knowsAnything)
                .or(() -> usual);
    }

    private boolean knowsAnything() {
        return volumes.stream().anyMatch(DiskContents::known);
    }

    private DiskContents with(List<FoundVolume> whole) {
        List<FoundVolume> all = new ArrayList<>();
        whole.stream().filter(found -> volumes.isEmpty() || known(found)).forEach(all::add);
        all.addAll(volumes);
        return new DiskContents(all, remarks);
    }

    private static DiskContents parts(DiskImage disk, PartitionTable table) {
        List<FoundVolume> found = new ArrayList<>();
        for (Partition partition : table.partitions()) {
            Place place = Place.of(partition);
            try {
                found.addAll(volume(new Head(disk.part(partition.offset(), partition.length())), place));
            } catch (Unreadable e) {
                found.add(nothing(place, partition.length(), e.getMessage()));
            }
        }
        return new DiskContents(found, table.remarks());
    }

    private static List<FoundVolume> volume(DiskImage volume, Place place) {
        Optional<List<LogicalVolume>> group = VolumeGroup.read(volume);
        if (group.isEmpty()) {
            return List.of(found(volume, place));
        }
        List<FoundVolume> found = new ArrayList<>();
        for (LogicalVolume logical : group.get()) {
            Place within = place.logicalVolume(logical);
            found.add(logical.image()
                    .map(image -> found(image, within))
                    .orElseGet(() -> nothing(within, 0, logical.reason())));
        }
        if (found.isEmpty()) {
            Content physical = new Content(Kind.LVM, "", "");
            found.add(new FoundVolume(
                    place, volume.size(), physical, new Unprovable("no volume group can be read from it")));
        }
        return found;
    }

    private static FoundVolume found(DiskImage volume, Place place) {
        Examined examined = Filesystems.examine(volume);
        return new FoundVolume(place, volume.size(), examined.content(), examined.state());
    }

    private static FoundVolume nothing(Place place, long size, String reason) {
        return new FoundVolume(place, size, new Content(Kind.UNKNOWN, "", ""), new Unprovable(reason));
    }

    private static boolean known(FoundVolume found) {
        return found.content().kind() != Kind.UNKNOWN && found.content().kind() != Kind.ZERO;
    }
}
