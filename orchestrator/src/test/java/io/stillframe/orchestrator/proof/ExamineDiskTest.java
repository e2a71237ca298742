package io.stillframe.orchestrator.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import io.stillframe.orchestrator.proof.image.SparseImage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What real disks prove that real kernels have left in these states. */
class ExamineDiskTest {
    @ParameterizedTest
    @ValueSource(strings = {"ext4-frozen", "ext4-again", "ext4-idle", "ext4-1k-plain-frozen", "ext3-frozen"})
    void a_frozen_filesystem_is_at_rest(String name) {
        assertThat(only(Captured.of(name)))
                .isInstanceOfSatisfying(
                        Clean.class, clean -> assertThat(clean.mark()).isEqualTo(Mark.AT_REST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ext4-made",
                "ext4-unmounted",
                "ext4-1k-plain-unmounted",
                "ext4-without-journal-unmounted",
                "ext3-unmounted",
                "ext2-unmounted",
                "xfs-made",
                "xfs-unmounted",
                "xfs-v4-made",
                "fat12-made",
                "fat16-made",
                "fat32-made",
                "exfat-made"
            })
    void an_unmounted_filesystem_is_at_rest(String name) {
        assertThat(only(Captured.of(name)))
                .isInstanceOfSatisfying(
                        Clean.class, clean -> assertThat(clean.mark()).isEqualTo(Mark.AT_REST));
    }

    @ParameterizedTest
    @CsvSource({
        "ext4-live, its journal is in use",
        "ext4-thawed, its journal is in use",
        "ext4-1k-plain-live, its journal is in use",
        "ext4-1k-plain-thawed, its journal is in use",
        "ext3-live, its journal is in use",
        "ext3-thawed, its journal is in use",
        "xfs-live, its log holds changes to replay",
        "xfs-thawed, its log holds changes to replay",
        "xfs-striped-live, its log holds changes to replay",
        "xfs-striped-thawed, its log holds changes to replay",
        "xfs-wrapped-live, its log holds changes to replay",
        "xfs-rewritten-synced, its log holds changes to replay",
        "xfs-rewritten-synced@6.1, its log holds changes to replay",
        "btrfs-live, it has a log tree to replay",
        "btrfs-thawed, it has a log tree to replay",
        "btrfs-sha256-live, it has a log tree to replay"
    })
    void a_filesystem_in_use_is_not_clean(String name, String reason) {
        assertThat(only(Captured.of(name)))
                .isInstanceOfSatisfying(
                        Dirty.class, dirty -> assertThat(dirty.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xfs-frozen",
                "xfs-again",
                "xfs-idle",
                "xfs-striped-frozen",
                "xfs-striped-idle",
                "xfs-wrapped-frozen",
                "xfs-rewritten-frozen",
                "xfs-rewritten-frozen@6.1",
                "btrfs-made",
                "btrfs-frozen",
                "btrfs-unmounted",
                "btrfs-sha256-frozen",
                "ntfs-made"
            })
    void what_can_look_so_while_in_use_is_told_from_what_is_at_rest(String name) {
        assertThat(only(Captured.of(name)))
                .isInstanceOfSatisfying(
                        Clean.class, clean -> assertThat(clean.mark()).isEqualTo(Mark.COMMITTED));
    }

    /** What is changed in place after a thaw reaches neither the log nor an inode for a while. */
    @Test
    void an_xfs_that_was_frozen_looks_the_same_when_its_files_are_rewritten() {
        FilesystemState frozen = only(Captured.of("xfs-rewritten-frozen"));
        assertThat(only(Captured.of("xfs-rewritten-thawed"))).isEqualTo(frozen);
    }

    @ParameterizedTest
    @CsvSource({
        "xfs-frozen, 2 of the superblock alone",
        "xfs-rewritten-frozen, '2 of the superblock and of 1 inodes, in their place'",
        "xfs-rewritten-frozen@6.1, '2 of the superblock and of 1 inodes, in their place'",
    })
    void what_an_xfs_log_holds_when_nothing_waits_in_it_is_told(String name, String records) {
        assertThat(((Clean) only(Captured.of(name))).seen()).contains(new Value("log records", records));
    }

    @ParameterizedTest
    @ValueSource(strings = {"xfs-rewritten-synced", "xfs-rewritten-synced@6.1"})
    void what_waits_in_an_xfs_log_is_named(String name) {
        assertThat(((Dirty) only(Captured.of(name))).seen())
                .contains(new Value("log record", "a change of inode 131, not in its place"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4-without-journal-live", "ext4-without-journal-frozen", "ext2-frozen"})
    void without_a_journal_a_frozen_filesystem_looks_as_a_live_one(String name) {
        assertThat(only(Captured.of(name))).isInstanceOf(Unprovable.class);
    }

    @ParameterizedTest
    @CsvSource({
        "ext4-frozen, ext4, data",
        "ext4-1k-plain-frozen, ext4, ''",
        "ext3-frozen, ext3, ''",
        "ext2-unmounted, ext2, ''",
        "xfs-frozen, xfs, data",
        "btrfs-frozen, btrfs, data",
        "fat32-made, vfat, DATA",
        "fat16-made, vfat, ''",
        "exfat-made, exfat, ''",
        "ntfs-made, ntfs, data",
        "swap-made, swap, swap",
        "luks2-made, crypto_LUKS, secret"
    })
    void what_is_found_bears_its_name(String name, String kind, String label) {
        FoundVolume found = examined(Captured.of(name)).volumes().get(0);
        assertThat(found.content().kind().label()).isEqualTo(kind);
        assertThat(found.content().label()).isEqualTo(label);
        assertThat(found.content().uuid()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"swap-made", "luks2-made"})
    void what_has_no_mark_is_named_and_nothing_is_claimed_of_it(String name) {
        assertThat(only(Captured.of(name))).isInstanceOf(Unprovable.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 511, 512, 1024, 4095, 2048, 65536, 70000, 1 << 20})
    void an_empty_disk_of_any_size_is_answered(long size) {
        assertThat(only(new SparseImage(size))).isInstanceOf(Unprovable.class);
    }

    @Test
    void a_text_of_the_guest_is_fit_to_be_printed() {
        SparseImage forged =
                Captured.of("xfs-v4-made").write(108, (byte) 27, (byte) '[', (byte) 7, (byte) 10, (byte) 'x');
        assertThat(examined(forged).volumes().get(0).content().label()).startsWith("?[??x");
    }

    @Test
    void what_was_read_is_counted_and_stays_small() {
        assertThat(examined(Captured.of("ext4-frozen")).bytesRead()).isBetween(1L, 20_000L);
        assertThat(examined(Captured.of("btrfs-frozen")).bytesRead()).isBetween(1L, 20_000L);
        assertThat(examined(Captured.of("xfs-frozen")).bytesRead()).isBetween(1L, 400_000L);
        // its records are of 256 KiB: so much more can be under way
        assertThat(examined(Captured.of("xfs-striped-frozen")).bytesRead()).isBetween(1L, 2_500_000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4-frozen", "xfs-frozen", "btrfs-frozen", "ntfs-made", "lvm-made", "mbr-table"})
    void nothing_is_proved_within_too_few_bytes(String name) {
        SparseImage disk = Captured.of(name);
        long needed = examined(disk).bytesRead();
        for (long limit = 0; limit < needed; limit += Math.max(1, needed / 50)) {
            ReadLimits few = new ReadLimits(limit, Duration.ofSeconds(20));
            DiskProof proof = new ExamineDisk(few, () -> 0).of(disk);
            assertThat(proof.bytesRead()).isLessThanOrEqualTo(limit);
            assertThat(proof.volumes()).noneMatch(found -> found.state() instanceof Clean);
        }
    }

    @Test
    void nothing_more_is_read_when_the_time_is_over() {
        AtomicLong nanos = new AtomicLong();
        ExamineDisk slow = new ExamineDisk(
                new ReadLimits(1 << 20, Duration.ofMillis(20)),
                () -> nanos.getAndAdd(Duration.ofMillis(8).toNanos()));
        DiskProof proof = slow.of(Captured.of("xfs-frozen"));
        assertThat(proof.reads()).isLessThanOrEqualTo(2);
        assertThat(proof.volumes().get(0).state()).isInstanceOf(Unprovable.class);
    }

    @Test
    void every_captured_disk_is_answered_the_same_again() {
        for (String name : Captured.NAMES) {
            SparseImage disk = Captured.of(name);
            assertThat(examined(disk).volumes()).isEqualTo(examined(disk).volumes());
        }
    }

    private static FilesystemState only(DiskImage disk) {
        List<FoundVolume> volumes = examined(disk).volumes();
        assertThat(volumes).hasSize(1);
        return volumes.get(0).state();
    }

    private static DiskProof examined(DiskImage disk) {
        return new ExamineDisk(ReadLimits.DEFAULT, () -> 0).of(disk);
    }
}
