package io.stillframe.orchestrator.proof;

import static io.stillframe.orchestrator.proof.image.SparseImage.little;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import io.stillframe.orchestrator.proof.image.SparseImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Partition tables and volume groups that real tools have made, with real filesystems put where they say. */
class DividedDiskTest {
    private static final long MIB = 1 << 20;

    /** What sfdisk lays out: it begins at 1 MiB, and aligns to that. */
    private static final long FIRST = MIB;

    @Test
    void a_gpt_tells_where_each_filesystem_is() {
        DiskProof proof = examined(gpt());
        assertThat(proof.volumes())
                .extracting(FoundVolume::toString)
                .satisfiesExactly(
                        fat -> assertThat(fat).startsWith("vfat").contains("on partition 1: clean"),
                        ext -> assertThat(ext).startsWith("ext4").contains("'data' on partition 2: clean, at rest"),
                        zero -> assertThat(zero).startsWith("zeroes on partition 3: not provable"));
        assertThat(proof.volumes().get(1).place().partitionUuid()).hasSize(36);
        assertThat(proof.remarks()).isEmpty();
    }

    @Test
    void a_backup_counts_when_the_first_gpt_is_damaged() {
        DiskProof proof = examined(gpt().write(512 + 60, (byte) 1));
        assertThat(proof.volumes().get(1).state()).isInstanceOf(Clean.class);
        assertThat(proof.remarks()).containsExactly("the first GPT is damaged, its backup is not");
    }

    @Test
    void a_backup_counts_when_the_first_ones_entries_are_damaged() {
        DiskProof proof = examined(gpt().write(1024 + 128 + 35, (byte) 0x7f));
        assertThat(proof.volumes().get(1).state()).isInstanceOf(Clean.class);
    }

    @Test
    void nothing_is_claimed_when_both_gpts_are_damaged() {
        SparseImage disk = gpt();
        DiskProof proof = examined(disk.write(512 + 60, (byte) 1).write(disk.size() - 512 + 60, (byte) 1));
        assertThat(proof.volumes()).hasSize(1).allMatch(found -> found.state() instanceof Unprovable);
        assertThat(proof.remarks()).containsExactly("neither copy of the GPT is whole");
    }

    @Test
    void a_gpt_in_large_sectors_is_read() {
        SparseImage disk = Captured.of("gpt-4k-table").with(FIRST, Captured.of("ext4-live"));
        assertThat(examined(disk).volumes().get(0).state()).isInstanceOf(Dirty.class);
    }

    @Test
    void logical_partitions_count_from_five() {
        SparseImage disk = Captured.of("mbr-table");
        List<FoundVolume> empty = examined(disk).volumes();
        assertThat(empty)
                .extracting(found -> found.place().partition().getAsInt())
                .containsExactly(1, 2, 4, 5, 6, 7);
        disk.with(empty.get(1).place().offset(), Captured.of("ext3-live"))
                .with(empty.get(5).place().offset(), Captured.of("ext4-frozen"));
        assertThat(examined(disk).volumes().get(1).state()).isInstanceOf(Dirty.class);
        assertThat(examined(disk).volumes().get(5).state()).isInstanceOf(Clean.class);
    }

    @Test
    void logical_partitions_that_run_in_a_circle_end() {
        SparseImage disk = Captured.of("mbr-table");
        long extended = disk.bytes(446 + 2 * 16 + 8, 4).u32(0) * 512;
        // the second entry of the second table leads to the second table again
        long second = extended + disk.bytes(extended + 446 + 16 + 8, 4).u32(0) * 512;
        byte[] here = disk.bytes(extended + 446 + 16, 16).array(0, 16);
        DiskProof proof = examined(disk.write(second + 446 + 16, here));
        assertThat(proof.remarks()).containsExactly("its logical partitions run in a circle");
        assertThat(proof.volumes())
                .extracting(found -> found.place().partition().getAsInt())
                .containsExactly(1, 2, 4, 5, 6);
    }

    @Test
    void an_mbr_in_large_sectors_is_understood_by_what_is_in_it() {
        SparseImage disk = Captured.of("mbr-4k-table").with(FIRST, Captured.of("ext4-frozen"));
        assertThat(examined(disk).volumes().get(0).state()).isInstanceOf(Clean.class);
    }

    @Test
    void a_partition_beyond_the_end_is_not_provable() {
        SparseImage disk = Captured.of("mbr-table");
        disk.write(446 + 16 + 8, (byte) -1, (byte) -1, (byte) -1, (byte) 0x7f);
        assertThat(examined(disk).volumes().get(1).state())
                .isInstanceOfSatisfying(
                        Unprovable.class,
                        unprovable -> assertThat(unprovable.reason()).contains("beyond the end"));
    }

    /** A file of the guest's, wherever it lies, can be named a partition by a table in the filesystem's free first kilobyte. */
    @Test
    void a_filesystem_is_not_hidden_behind_a_partition_table() {
        SparseImage disk = Captured.of("ext4-live");
        disk.write(0, Captured.of("mbr-table").bytes(0, 512).array(0, 512));
        assertThat(examined(disk).volumes().get(0))
                .matches(found -> found.place().equals(Place.wholeDisk()))
                .matches(found -> found.state() instanceof Dirty);
    }

    @Test
    void a_fat_is_not_taken_for_a_partition_table() {
        assertThat(examined(Captured.of("fat32-made")).volumes()).hasSize(1);
    }

    /** Its fields and a table's entries fit into one sector. */
    @Test
    void a_fat_hides_no_partition_behind_its_boot_sector() {
        SparseImage disk = Captured.of("fat16-made").resized(64 * MIB).with(20 * MIB, Captured.of("ext4-live"));
        disk.write(446 + 4, (byte) 0x83).write(446 + 8, little(4, 20 * MIB / 512));
        disk.write(446 + 12, little(4, 32 * MIB / 512));
        assertThat(examined(disk).volumes())
                .satisfiesExactly(
                        fat -> assertThat(fat.state())
                                .isEqualTo(new Unprovable("its boot sector is a partition table, too")),
                        ext -> assertThat(ext.state()).isInstanceOf(Dirty.class));
    }

    @Test
    void what_a_boot_sector_has_where_a_table_would_be_is_none_where_it_leads_off_the_disk() {
        SparseImage disk = Captured.of("fat16-made");
        disk.write(446 + 4, (byte) 0x83).write(446 + 8, little(4, 20 * MIB)).write(446 + 12, little(4, 1));
        assertThat(examined(disk).volumes()).singleElement().matches(fat -> fat.state() instanceof Clean);
    }

    @Test
    void a_linear_volume_in_two_pieces_is_read() {
        List<FoundVolume> volumes = examined(group(Captured.of("ext4-frozen"), Captured.of("ext3-live")))
                .volumes();
        assertThat(volumes)
                .extracting(FoundVolume::toString)
                .satisfiesExactly(
                        root -> assertThat(root).contains("on volume vg-data/root on the whole disk: clean, at rest"),
                        home -> assertThat(home).contains("on volume vg-data/home on the whole disk: not clean"),
                        stripe -> assertThat(stripe).contains("not linear but striped"),
                        far -> assertThat(far).contains("a part of it is on another physical volume"));
        assertThat(volumes.get(0).place().mapperName()).isEqualTo("vg--data-root");
    }

    @Test
    void a_volume_group_within_a_partition_is_read() {
        SparseImage disk = Captured.of("gpt-table");
        long third = examined(disk).volumes().get(2).place().offset();
        disk.with(third, group(Captured.of("ext4-frozen"), Captured.of("ext3-live")));
        assertThat(examined(disk).volumes().get(2).toString())
                .contains("on volume vg-data/root on partition 3: clean, at rest");
    }

    @Test
    void a_volume_group_whose_metadata_is_damaged_proves_nothing() {
        SparseImage disk = group(Captured.of("ext4-frozen"), Captured.of("ext3-live"));
        long text = 4096 + disk.bytes(4096 + 40, 8).u64(0);
        assertThat(examined(disk.write(text + 20, (byte) ~disk.at(text + 20))).volumes())
                .singleElement()
                .satisfies(found ->
                        assertThat(found.toString()).startsWith("LVM2_member on the whole disk: not provable"));
    }

    /** Somebody who can write the disk can also make its checksums right. */
    @Test
    void metadata_that_asks_for_impossible_places_proves_nothing() {
        SparseImage disk = group(Captured.of("ext4-frozen"), Captured.of("ext3-live"));
        assertThat(edited(disk.copy(), "extent_size = 2048", "extent_size = 9223372036854775807")
                        .volumes())
                .noneMatch(found -> found.state() instanceof Clean);
        assertThat(edited(disk.copy(), "segment_count = 2", "segment_count = 2000000000")
                        .volumes()
                        .get(0)
                        .state())
                .isInstanceOf(Unprovable.class);
        assertThat(edited(disk.copy(), "pe_start = 2048", "pe_start = -2048").volumes())
                .noneMatch(found -> found.state() instanceof Clean);
        assertThat(edited(disk.copy(), "{\n", "{{{{{{{{{{{{{{{{{{{{{{{").volumes())
                .noneMatch(found -> found.state() instanceof Clean);
    }

    private static DiskProof edited(SparseImage disk, String from, String to) {
        long header = 4096;
        Bytes raw = disk.bytes(header, 512);
        int length = (int) raw.u64(48);
        String text = new String(disk.bytes(header + raw.u64(40), length).array(0, length), UTF_8);
        assertThat(text).contains(from);
        byte[] other = text.replace(from, to).getBytes(UTF_8);
        disk.write(header + raw.u64(40), other);
        disk.write(header + 48, little(8, other.length)).write(header + 56, little(4, Crc.lvm(Bytes.of(other))));
        disk.write(header, little(4, Crc.lvm(disk.bytes(header + 4, 508))));
        return examined(disk);
    }

    private static SparseImage gpt() {
        return Captured.of("gpt-table")
                .with(FIRST, Captured.of("fat16-made"))
                .with(FIRST + 16 * MIB, Captured.of("ext4-frozen"));
    }

    /** root has extents 0-7 and 42-65, home 8-41, of 1 MiB from 1 MiB on: as lvs told when it was made. */
    private static SparseImage group(SparseImage root, SparseImage home) {
        return Captured.of("lvm-made")
                .with(MIB, root.cut(0, 8 * MIB))
                .with(43 * MIB, root.cut(8 * MIB, 24 * MIB))
                .with(9 * MIB, home);
    }

    private static DiskProof examined(SparseImage disk) {
        return new ExamineDisk(ReadLimits.DEFAULT, () -> 0).of(disk);
    }
}
