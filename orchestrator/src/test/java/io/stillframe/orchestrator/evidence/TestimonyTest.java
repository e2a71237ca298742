package io.stillframe.orchestrator.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.orchestrator.evidence.DiskFinding.Examined;
import io.stillframe.orchestrator.evidence.DiskFinding.Unread;
import io.stillframe.orchestrator.proof.Captured;
import io.stillframe.orchestrator.proof.ExamineDisk;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import io.stillframe.orchestrator.proof.image.SparseImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What disks as real kernels have left them say of a freeze that a guest tells of. */
class TestimonyTest {
    private static final long MIB = 1 << 20;

    private final Map<String, DiskFinding> disks = new LinkedHashMap<>();
    private final List<Filesystem> held = new ArrayList<>();
    private boolean stoodStill;

    @ParameterizedTest
    @CsvSource({"ext4-frozen, ext4", "ext3-frozen, ext4", "ext3-frozen, ext3"})
    void what_is_at_rest_where_it_has_to_be_is_proved(String image, String type) {
        disk("vda", Captured.of(image));
        held("/", "vda", type, "vda");
        assertThat(doubts()).isEmpty();
        assertThat(said("filesystem"))
                .singleElement()
                .asString()
                .contains("%s at / (vda): ".formatted(type), "on vda, the whole disk: clean, at rest");
    }

    @ParameterizedTest
    @CsvSource({
        "ext4-live, ext4",
        "ext4-thawed, ext4",
        "ext3-live, ext3",
        "xfs-live, xfs",
        "xfs-thawed, xfs",
        "btrfs-live, btrfs",
        "ext2-frozen, ext4",
        "ext4-without-journal-frozen, ext4"
    })
    void what_was_in_use_or_cannot_tell_is_a_doubt(String image, String type) {
        stoodStill = true;
        disk("vda", Captured.of(image));
        held("/", "vda", type, "vda");
        assertThat(doubts()).containsExactly("filesystem");
    }

    @ParameterizedTest
    @CsvSource({
        "btrfs-frozen, btrfs, false",
        "btrfs-frozen, btrfs, true",
        "xfs-frozen, xfs, false",
        "xfs-frozen, xfs, true",
        "xfs-unmounted, xfs, false", // as it is for half a minute after a mount, too
        "xfs-unmounted, xfs, true",
        "xfs-rewritten-frozen@6.1, xfs, false",
        "xfs-rewritten-frozen@6.1, xfs, true"
    })
    void what_looks_the_same_while_it_is_written_to_needs_that_nothing_was_written(
            String image, String type, boolean still) {
        stoodStill = still;
        disk("vda", Captured.of(image));
        held("/", "vda", type, "vda");
        assertThat(doubts().isEmpty()).isEqualTo(still);
    }

    @ParameterizedTest
    @CsvSource({
        "vda1, ext4, vda", // there is no table on it
        "vda, xfs, vda", // nor this
        "dm-0, ext4, vda", // nor anything that device mapper makes: it may be encrypted
        "md0, xfs, vda vdc"
    })
    void what_is_not_found_where_it_has_to_be_is_a_doubt(String device, String type, String on) {
        disk("vda", Captured.of("ext4-frozen"));
        held("/", device, type, on.split(" "));
        assertThat(doubts()).containsExactly("filesystem");
    }

    @Test
    void a_partition_is_known_by_its_number() {
        disk("vda", parted());
        held("/", "sda2", "ext4", "vda"); // the guest's names of disks are its own
        assertThat(doubts()).isEmpty();
        held("/other", "sda1", "ext4", "vda");
        assertThat(doubts()).containsExactly("filesystem");
    }

    @Test
    void what_no_freeze_reaches_is_told_and_costs_nothing() {
        disk("vda", parted());
        disk("vdb", Captured.of("swap-made"));
        held("/", "vda2", "ext4", "vda");
        assertThat(doubts()).isEmpty();
        assertThat(said("beside"))
                .hasSize(3)
                .anyMatch(of -> of.startsWith("vfat"))
                .anyMatch(of -> of.startsWith("swap"))
                .allMatch(of -> of.endsWith("nothing is claimed of it"));
    }

    @Test
    void what_was_in_use_and_the_guest_did_not_tell_of_is_a_doubt() {
        disk("vda", Captured.of("ext4-frozen"));
        disk("vdb", Captured.of("xfs-live"));
        held("/", "vda", "ext4", "vda");
        assertThat(doubts()).containsExactly("beside");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xfs-frozen", "xfs-rewritten-frozen@6.1", "xfs-rewritten-thawed"})
    void an_xfs_that_was_mounted_and_the_guest_did_not_tell_of_is_a_doubt(String image) {
        stoodStill = true;
        disk("vda", Captured.of("ext4-frozen"));
        disk("vdb", Captured.of(image));
        held("/", "vda", "ext4", "vda");
        assertThat(doubts()).containsExactly("beside");
    }

    @Test
    void an_unused_filesystem_beside_costs_nothing() {
        disk("vda", Captured.of("ext4-frozen"));
        disk("vdb", Captured.of("xfs-unmounted"));
        held("/", "vda", "ext4", "vda");
        assertThat(doubts()).isEmpty();
    }

    @Test
    void a_disk_that_could_not_be_read_is_a_doubt_even_if_nothing_had_to_be_there() {
        disk("vda", Captured.of("ext4-frozen"));
        disks.put("vdb", new Unread("the storage did not answer"));
        held("/", "vda", "ext4", "vda");
        assertThat(doubts()).containsExactly("disk");
    }

    @Test
    void of_a_disk_that_the_snapshot_does_not_have_nothing_is_claimed() {
        disk("vda", Captured.of("ext4-frozen"));
        held("/", "vda", "ext4", "vda");
        held("/left/out", "vdb1", "xfs", "vdb");
        assertThat(doubts()).isEmpty();
        assertThat(said("filesystem")).anyMatch(of -> of.contains("it lies on vdb, which the snapshot does not have"));
    }

    @Test
    void logical_volumes_are_known_by_their_kind_and_each_serves_once() {
        disk("vda", group(Captured.of("ext4-frozen"), Captured.of("ext3-unmounted")));
        held("/", "dm-0", "ext4", "vda");
        assertThat(doubts()).isEmpty();
        held("/home", "dm-1", "ext3", "vda");
        assertThat(doubts()).isEmpty();
        held("/more", "dm-2", "ext4", "vda");
        assertThat(doubts()).containsExactly("filesystem");
    }

    @Test
    void of_several_that_it_may_be_the_worst_one_counts() {
        disk("vda", group(Captured.of("ext4-frozen"), Captured.of("ext3-live")));
        held("/", "dm-0", "ext4", "vda");
        assertThat(doubts()).containsExactly("filesystem");
    }

    @Test
    void where_the_disk_is_not_known_the_kind_and_the_partition_are() {
        disk("vda", parted());
        held("/", "vda2", "ext4");
        assertThat(doubts()).isEmpty();
        held("/in/a/file", "loop0", "ext4");
        assertThat(doubts()).containsExactly("filesystem");
    }

    @Test
    void nothing_is_proved_where_it_is_not_known_what_had_to_be_frozen() {
        disk("vda", Captured.of("ext4-frozen"));
        assertThat(doubts()).containsExactly("filesystem");
    }

    @Test
    void what_it_cost_is_told_of_every_disk() {
        disk("vda", Captured.of("ext4-frozen"));
        held("/", "vda", "ext4", "vda");
        assertThat(said("disk")).singleElement().asString().matches("vda: \\d+ bytes in \\d+ reads, \\d+ ms");
    }

    private void disk(String name, SparseImage image) {
        disks.put(name, new Examined(new ExamineDisk(ReadLimits.DEFAULT, () -> 0).of(image)));
    }

    private void held(String at, String device, String type, String... on) {
        held.add(new Filesystem(at, device, type, List.of(on)));
    }

    private List<String> doubts() {
        return evidence().stream().filter(of -> !of.ok()).map(Evidence::check).toList();
    }

    private List<String> said(String check) {
        return evidence().stream()
                .filter(of -> of.check().equals(check))
                .map(Evidence::detail)
                .toList();
    }

    private List<Evidence> evidence() {
        return new Testimony(disks, stoodStill).of(held);
    }

    /** A vfat, an ext4 and nothing, as a usual disk has them. */
    private static SparseImage parted() {
        return Captured.of("gpt-table").with(MIB, Captured.of("fat16-made")).with(17 * MIB, Captured.of("ext4-frozen"));
    }

    /** As DividedDiskTest has it. */
    private static SparseImage group(SparseImage root, SparseImage home) {
        return Captured.of("lvm-made")
                .with(MIB, root.cut(0, 8 * MIB))
                .with(43 * MIB, root.cut(8 * MIB, 24 * MIB))
                .with(9 * MIB, home);
    }
}
