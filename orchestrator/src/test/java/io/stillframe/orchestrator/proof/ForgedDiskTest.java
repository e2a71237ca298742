package io.stillframe.orchestrator.proof;

import static io.stillframe.orchestrator.proof.image.SparseImage.little;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import io.stillframe.orchestrator.proof.image.SparseImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks on which something says what is not so. */
class ForgedDiskTest {
    private static final int EXT = 1024;

    @Test
    void a_mark_cleared_by_hand_is_contradicted_by_the_checksum() {
        SparseImage disk = clearNeedsRecovery(Captured.of("ext4-live"));
        assertDirty(disk, "its superblock's checksum is wrong");
    }

    @Test
    void a_forged_superblock_is_contradicted_by_the_journal() {
        SparseImage disk = sealed(clearNeedsRecovery(Captured.of("ext4-live")));
        assertDirty(disk, "its journal holds transactions");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext3-live", "ext3-thawed", "ext4-1k-plain-live", "ext4-1k-plain-thawed"})
    void a_forged_superblock_without_a_checksum_is_contradicted_by_the_journal(String name) {
        assertDirty(clearNeedsRecovery(Captured.of(name)), "its journal holds transactions");
    }

    /** The journal's superblock that a freeze left, with a transaction where the next one will be. */
    @ParameterizedTest
    @ValueSource(strings = {"ext3-frozen", "ext4-frozen", "ext4-1k-plain-frozen"})
    void a_journal_written_to_after_it_was_marked_as_empty_is_not_clean(String name) {
        SparseImage disk = Captured.of(name);
        long journal = find(disk, new byte[] {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98, 0, 0, 0, 4});
        int blockSize = (int) u32be(disk, journal + 12);
        long head = u32be(disk, journal + 0x58);
        long listed = name.startsWith("ext3") && head >= 12
                ? 1
                : 0; // the list of the blocks from the twelfth on lies between
        byte[] transaction = ByteBuffer.allocate(12)
                .putInt(0xc03b3998)
                .putInt(1)
                .putInt((int) u32be(disk, journal + 24))
                .array();
        assertThat(state(disk)).isInstanceOf(Clean.class);
        assertDirty(
                disk.write(journal + (head + listed) * blockSize, transaction),
                "its journal was written to after it had been marked as empty");
    }

    @ParameterizedTest
    @CsvSource({"2, the kernel found errors in it", "4, its orphans are being recovered", "0, it is not marked as clean"
    })
    void a_state_that_is_not_clean_is_named(int state, String reason) {
        SparseImage disk = Captured.of("ext3-frozen");
        assertDirty(disk.write(EXT + 0x3a, (byte) (state == 0 ? 0 : state | 1)), reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4-frozen", "ext3-frozen", "xfs-frozen", "btrfs-frozen"})
    void a_filesystem_larger_than_its_volume_is_not_clean(String name) {
        SparseImage disk = Captured.of(name);
        assertDirty(disk.resized(disk.size() - (1 << 20)), "it is larger than its volume");
    }

    @Test
    void a_log_on_another_device_is_not_provable() {
        SparseImage disk = Captured.of("xfs-v4-made").write(48, new byte[8]);
        assertThat(state(disk)).isEqualTo(new Unprovable("its log is on another device"));
    }

    @Test
    void a_journal_on_another_device_is_not_provable() {
        SparseImage disk = Captured.of("ext3-frozen").write(EXT + 0xe0, new byte[4]);
        assertThat(state(disk)).isEqualTo(new Unprovable("its journal is on another device"));
    }

    @Test
    void a_journal_that_cannot_be_found_is_not_clean() {
        assertThat(state(Captured.of("ext3-frozen").write(EXT + 0xe0, (byte) 77)))
                .isInstanceOfSatisfying(
                        Dirty.class, dirty -> assertThat(dirty.reason()).startsWith("its journal cannot be found"));
    }

    /** What recovery would stop at is not all that was written: a record is missing before a newer one. */
    @Test
    void a_log_with_a_newer_record_behind_its_head_is_not_clean() {
        SparseImage disk = Captured.of("xfs-frozen");
        long log = log(disk);
        long head = head(disk);
        disk.write(log + (head + 7) * 512, (byte) 0, (byte) 0, (byte) 0, (byte) 1);
        assertDirty(disk, "its log was being written to");
    }

    /** The last record of a covered log, made to change another block than the superblock's. */
    @Test
    void a_record_with_another_buffer_than_the_superblock_is_not_clean() {
        SparseImage disk = Captured.of("xfs-frozen");
        long header = log(disk) + (head(disk) - 2) * 512;
        disk.write(item(disk, header, 0x123c) + 8, (byte) 8);
        assertDirty(sealed(disk, header), "its log holds changes to replay");
    }

    @Test
    void a_damaged_record_is_not_clean() {
        SparseImage disk = Captured.of("xfs-frozen");
        long body = log(disk) + (head(disk) - 1) * 512 + 100;
        assertDirty(disk.write(body, (byte) ~disk.at(body)), "its log cannot be read: a record's checksum is wrong");
    }

    @Test
    void a_tail_that_is_moved_to_the_last_record_needs_its_checksum() {
        SparseImage disk = Captured.of("xfs-live");
        long record = log(disk) + 2 * 512;
        disk.write(record + 28, (byte) 0, (byte) 0, (byte) 0, (byte) 2);
        assertThat(state(disk)).isInstanceOf(Dirty.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"btrfs-frozen", "btrfs-sha256-frozen"})
    void a_superblock_of_btrfs_has_to_match_its_checksum(String name) {
        assertDirty(Captured.of(name).write(65536 + 0x48, (byte) 0x77), "its superblock's checksum is wrong");
    }

    @Test
    void a_btrfs_over_several_devices_is_not_provable() {
        SparseImage disk = Captured.of("btrfs-frozen").write(65536 + 0x88, (byte) 2);
        byte[] crc = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) Crc.castagnoli(disk.bytes(65536 + 0x20, 4096 - 0x20)))
                .array();
        assertThat(state(disk.write(65536, crc))).isEqualTo(new Unprovable("it spans several devices"));
    }

    @ParameterizedTest
    @CsvSource({"fat12-made, 37, 1", "fat16-made, 37, 1", "fat32-made, 65, 1"})
    void a_fat_that_linux_has_mounted_is_in_use(String name, int at, byte dirty) {
        assertDirty(Captured.of(name).write(at, dirty), "it is in use");
    }

    @ParameterizedTest
    @CsvSource({"fat16-made, 2", "fat32-made, 4"})
    void a_fat_that_windows_uses_is_in_use(String name, int entry) {
        SparseImage disk = Captured.of(name);
        long table = (disk.at(14) & 0xff) * 512L + entry;
        int length = entry == 4 ? 3 : 1;
        assertDirty(
                disk.write(table + length, (byte) (disk.at(table + length) & (entry == 4 ? 0xf7 : 0x7f))),
                "it is in use");
    }

    @Test
    void an_exfat_in_use_is_not_clean() {
        assertDirty(Captured.of("exfat-made").write(106, (byte) 2), "it is in use");
        assertDirty(Captured.of("exfat-made").write(106, (byte) 4), "its medium has failed");
    }

    @Test
    void a_dirty_ntfs_is_not_clean() {
        SparseImage disk = Captured.of("ntfs-made");
        long flags = ntfsFlags(disk);
        assertDirty(disk.write(flags, (byte) 1), "it is marked as dirty");
    }

    @Test
    void a_torn_record_of_ntfs_is_not_clean() {
        SparseImage disk = Captured.of("ntfs-made");
        long record = ntfsFlags(disk) / 1024 * 1024;
        assertDirty(disk.write(record + 1022, (byte) ~disk.at(record + 1022)), "its $Volume cannot be read");
    }

    @Test
    void the_marks_of_two_formats_prove_nothing() {
        SparseImage disk = Captured.of("xfs-frozen");
        SparseImage both = disk.write(EXT + 0x38, (byte) 0x53, (byte) 0xef);
        assertThat(state(both)).isEqualTo(new Unprovable("it bears the marks of several formats: ext4, xfs"));
    }

    @Test
    void a_member_of_a_raid_is_not_taken_for_what_it_holds() {
        SparseImage disk = Captured.of("ext4-frozen");
        byte[] magic = {(byte) 0xfc, 0x4e, 0x2b, (byte) 0xa9};
        assertThat(state(disk.copy().write(disk.size() - 8192, magic))).isInstanceOf(Unprovable.class);
        assertThat(state(disk.copy().write(disk.size() - 65536, magic))).isInstanceOf(Unprovable.class);
    }

    /** With a right checksum of a record of an XFS log. */
    private static SparseImage sealed(SparseImage disk, long header) {
        int length = (int) u32be(disk, header + 12);
        return disk.write(
                header + 32,
                little(
                        4,
                        Crc.castagnoli(
                                disk.bytes(header, 32),
                                Bytes.of(new byte[4]),
                                disk.bytes(header + 36, 328 - 36),
                                disk.bytes(header + 512, length))));
    }

    private static long item(SparseImage disk, long header, int type) {
        long at = header + 512;
        while (disk.bytes(at, 2).u16(0) != type) {
            at++;
        }
        return at;
    }

    private static SparseImage clearNeedsRecovery(SparseImage disk) {
        return disk.write(EXT + 0x60, (byte) (disk.at(EXT + 0x60) & ~4));
    }

    /** With a right checksum, as somebody would who knows. */
    private static SparseImage sealed(SparseImage disk) {
        int crc = (int) ~Crc.castagnoli(disk.bytes(EXT, 0x3fc));
        return disk.write(
                EXT + 0x3fc,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(crc)
                        .array());
    }

    private static long log(SparseImage disk) {
        Bytes superblock = disk.bytes(0, 512).bigEndian();
        long start = superblock.u64(48);
        int bits = superblock.u8(124);
        return ((start >> bits) * superblock.u32(84) + (start & (1L << bits) - 1)) * superblock.u32(4);
    }

    private static long head(SparseImage disk) {
        return seen(disk, "log head");
    }

    private static long seen(SparseImage disk, String name) {
        Clean clean = (Clean) state(disk);
        return clean.seen().stream()
                .filter(value -> value.name().equals(name))
                .mapToLong(value -> Long.parseLong(value.seen()))
                .findFirst()
                .orElseThrow();
    }

    private static long ntfsFlags(SparseImage disk) {
        Bytes boot = disk.bytes(0, 512);
        long record = boot.u64(48) * boot.u16(11) * boot.u8(13) + 3 * 1024;
        Bytes bytes = disk.bytes(record, 1024);
        int at = bytes.u16(0x14);
        while (bytes.u32(at) != 0x70) {
            at += (int) bytes.u32(at + 4);
        }
        return record + at + bytes.u16(at + 0x14) + 10;
    }

    private static long find(SparseImage disk, byte[] magic) {
        for (long at = 0; at < disk.size(); at += 1024) {
            boolean here = true;
            for (int i = 0; i < magic.length && here; i++) {
                here = disk.at(at + i) == magic[i];
            }
            if (here) {
                return at;
            }
        }
        throw new AssertionError("there is no journal");
    }

    private static long u32be(SparseImage disk, long at) {
        return disk.bytes(at, 4).bigEndian().u32(0);
    }

    private static void assertDirty(SparseImage disk, String reason) {
        assertThat(state(disk))
                .isInstanceOfSatisfying(
                        Dirty.class, dirty -> assertThat(dirty.reason()).isEqualTo(reason));
    }

    private static FilesystemState state(SparseImage disk) {
        return new ExamineDisk(ReadLimits.DEFAULT, () -> 0)
                .of(disk)
                .volumes()
                .get(0)
                .state();
    }
}
