package io.stillframe.orchestrator.proof;

import static io.stillframe.orchestrator.proof.image.SparseImage.little;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import io.stillframe.orchestrator.proof.image.SparseImage;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log whose first record changes one inode that is in its place, and that inode made to be something else. */
class ForgedXfsInodeTest {
    private static final int LSN = 112;
    private static final int NUMBER = 152;
    private static final int UUID = 160;

    private final SparseImage disk = Captured.of("xfs-rewritten-frozen@6.1");
    private final long log = log();
    private final long record = log + seen("log tail") * 512;
    private final long last = log + (seen("log head") - 2) * 512;
    private final long item = item();
    private final long inode =
            disk.bytes(item + 40, 8).u64(0) * 512 + disk.bytes(item + 52, 4).u32(0);

    @Test
    void an_inode_is_in_its_place_with_the_lsn_of_its_record_and_of_any_after_it() {
        assertThat(lsn(inode + LSN)).isEqualTo(lsn(record + 16));
        inode(LSN, lsn(last + 16));
        assertThat(state()).isInstanceOf(Clean.class);
    }

    @Test
    void an_inode_that_is_older_than_its_change_is_not_in_its_place() {
        inode(LSN, lsn(record + 16) - 1);
        assertNotInPlace();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void an_lsn_that_is_none_of_this_log_says_nothing(long lsn) {
        inode(LSN, lsn);
        assertNotInPlace();
    }

    @Test
    void an_lsn_beyond_the_last_record_says_nothing() {
        inode(LSN, lsn(last + 16) + 1);
        assertNotInPlace();
    }

    @Test
    void another_inode_is_not_the_changed_one() {
        inode(NUMBER, 132);
        assertNotInPlace();
    }

    @Test
    void an_inode_of_another_filesystem_is_not_the_changed_one() {
        inode(UUID, 1);
        assertNotInPlace();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 60, 100, 300, 511})
    void a_damaged_inode_is_not_in_its_place(int at) {
        disk.write(inode + at, (byte) ~disk.at(inode + at));
        assertNotInPlace();
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1, Long.MAX_VALUE / 512})
    void a_change_that_leads_off_the_disk_is_not_followed(long block) {
        disk.write(item + 40, little(8, block));
        assertThat(sealed())
                .isInstanceOfSatisfying(
                        Dirty.class, dirty -> assertThat(dirty.reason()).startsWith("its log cannot be read: "));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x200, 0x400})
    void a_change_of_an_inodes_whole_tree_waits_whatever_the_inode_is(int fields) {
        disk.write(item + 4, little(4, 1 | fields));
        assertThat(sealed()).matches(state -> reason(state).equals("its log holds changes to replay"));
    }

    @Test
    void inodes_of_version_4_do_not_tell_what_they_hold() {
        disk.write(101, (byte) ((disk.at(101) & 0xf0) | 4));
        assertNotInPlace();
    }

    private void assertNotInPlace() {
        assertThat(state())
                .isInstanceOfSatisfying(
                        Dirty.class,
                        dirty -> assertThat(dirty.toString())
                                .startsWith("not clean, its log holds changes to replay: ")
                                .contains("a change of inode 131, not in its place"));
    }

    private static String reason(FilesystemState state) {
        return state instanceof Dirty dirty ? dirty.reason() : "";
    }

    /** With a right checksum. */
    private void inode(int at, long value) {
        disk.write(inode + at, ByteBuffer.allocate(8).putLong(value).array());
        int size = disk.bytes(104, 2).bigEndian().u16(0);
        long crc = Crc.castagnoli(disk.bytes(inode, 100), Bytes.of(new byte[4]), disk.bytes(inode + 104, size - 104));
        disk.write(inode + 100, little(4, crc));
    }

    private FilesystemState sealed() {
        int length = (int) disk.bytes(record + 12, 4).bigEndian().u32(0);
        long crc = Crc.castagnoli(
                disk.bytes(record, 32),
                Bytes.of(new byte[4]),
                disk.bytes(record + 36, 328 - 36),
                disk.bytes(record + 512, length));
        disk.write(record + 32, little(4, crc));
        return state();
    }

    private FilesystemState state() {
        return new ExamineDisk(ReadLimits.DEFAULT, () -> 0)
                .of(disk)
                .volumes()
                .get(0)
                .state();
    }

    private long seen(String name) {
        return ((Clean) state())
                .seen().stream()
                        .filter(value -> value.name().equals(name))
                        .mapToLong(value -> Long.parseLong(value.seen()))
                        .findFirst()
                        .orElseThrow();
    }

    private long log() {
        Bytes superblock = disk.bytes(0, 512).bigEndian();
        long start = superblock.u64(48);
        int bits = superblock.u8(124);
        return ((start >> bits) * superblock.u32(84) + (start & (1L << bits) - 1)) * superblock.u32(4);
    }

    private long item() {
        long at = record + 512;
        while (disk.bytes(at, 2).u16(0) != 0x123b) {
            at++;
        }
        return at;
    }

    private long lsn(long at) {
        return disk.bytes(at, 8).bigEndian().bits64(0);
    }
}
