package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.View;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.qcow2.LockingChild;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileStoreTest {
    private static final String LABEL = "sf-000000000001";
    private static final String CLONE = "sf-00000000000c";

    private FakeHost fake;
    private FakeZfs zfs;
    private ZfsDriver driver;
    private ZfsStore store;
    private Path image;
    private VolumeSnapshot snapshot;

    @BeforeEach
    void anImageWithASnapshot(@TempDir Path directory) throws Exception {
        fake = new FakeHost(directory);
        zfs = fake.zfs;
        driver = new ZfsDriver("db01", zfs, new ZfsDriver.Limits(0, 80, 95), fake.host);
        store = new ZfsStore("db01", zfs, directory.resolve("open"), fake.host);
        image = Path.of(fake.file("vda", "db/data.img", "raw").source());
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r-----"));
        snapshot = snapshot(LABEL);
        Files.writeString(image, "what the guest wrote later".repeat(2000));
        zfs.given.clear();
    }

    /** ZFS tells what the removal of a dataset's snapshot would free, and not of which file it is. */
    @Test
    void files_of_one_dataset_share_the_space_of_its_snapshot() {
        assertThat(store.condition(snapshot))
                .isInstanceOfSatisfying(
                        Condition.Present.class,
                        present -> assertThat(present.sharedAs()).contains("tank/images@" + LABEL));
    }

    // ---- open, close

    @Test
    void an_image_is_read_where_the_kernel_shows_the_snapshot_and_is_held() {
        View view = store.open(snapshot);
        assertThat(view).isEqualTo(new View.Opened(frozen()));
        assertThat(((View.Opened) view).path()).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.effects()).containsExactly("zfs hold stillframe:view:vda tank/images@" + LABEL);
        assertThat(store.open(snapshot)).isEqualTo(view);
        assertThat(store.remove(snapshot, removal(), Relatives.NONE, Meter.NONE))
                .isInstanceOf(Refused.class);
        assertThat(store.close(snapshot)).isEqualTo(new Done());
        assertThat(store.close(snapshot)).isEqualTo(new AlreadyDone());
        assertThat(store.remove(snapshot, removal(), Relatives.NONE, Meter.NONE))
                .isEqualTo(new Done());
        assertThat(store.condition(snapshot)).isEqualTo(new Condition.Absent());
    }

    @Test
    void a_snapshot_that_somebody_destroyed_can_be_closed_and_removed_from_what_is_known() {
        store.open(snapshot);
        zfs.things.remove("tank/images@" + LABEL);
        assertThat(store.close(snapshot)).matches(Outcome::settled);
        assertThat(store.close(snapshot)).isEqualTo(new AlreadyDone());
        assertThat(store.remove(snapshot, removal(), Relatives.NONE, Meter.NONE))
                .isEqualTo(new AlreadyDone());
    }

    @Test
    void a_view_that_somebody_reads_is_not_closed() throws Exception {
        store.open(snapshot);
        fake.mount("tank/images@" + LABEL, fake.images.resolve(".zfs/snapshot").resolve(LABEL));
        zfs.refusals.put(fake.images.resolve(".zfs/snapshot").resolve(LABEL).toString(), "umount: target is busy.");
        assertThat(store.close(snapshot))
                .isEqualTo(new Refused("tank/images@%s is in use: umount: target is busy.".formatted(LABEL)));
        assertThat(zfs.holds.get("tank/images@" + LABEL)).containsExactly("stillframe:view:vda");
    }

    @Test
    void of_two_disks_on_one_dataset_each_has_a_hold_of_its_own() {
        VolumeSnapshot other =
                new VolumeSnapshot("vdb", "zfs", snapshot.snapshot(), "raw", snapshot.active(), snapshot.quiesce());
        store.open(snapshot);
        store.open(other);
        assertThat(store.close(snapshot)).isEqualTo(new Done());
        assertThat(zfs.holds.get("tank/images@" + LABEL)).containsExactly("stillframe:view:vdb");
        assertThat(store.remove(snapshot, removal(), Relatives.NONE, Meter.NONE))
                .isInstanceOf(Refused.class);
    }

    @Test
    void a_snapshot_without_the_file_or_without_its_mount_cannot_be_read() throws Exception {
        Files.delete(frozen());
        assertThat(store.open(snapshot)).isInstanceOf(View.Refused.class);
        Files.writeString(fake.host.mountinfo(), "");
        assertThat(store.open(snapshot)).isInstanceOf(View.Refused.class);
        assertThat(store.planClone(snapshot, CLONE)).isInstanceOf(Plan.Refused.class);
        assertThat(store.makeClone(snapshot, cloning(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(store.revert(snapshot, reverting(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(zfs.holds.get("tank/images@" + LABEL)).isEmpty();
    }

    // ---- clone

    @Test
    void a_clone_is_a_copy_beside_the_image_that_the_same_people_may_read() throws Exception {
        assertThat(store.planClone(snapshot, CLONE))
                .isInstanceOfSatisfying(
                        Plan.Ready.class, ready -> assertThat(ready.change()).isEqualTo(cloning()));
        assertThat(copy()).doesNotExist();
        assertThat(store.makeClone(snapshot, cloning(), Meter.NONE)).isEqualTo(new Done());
        assertThat(copy()).hasBinaryContent(FakeHost.CONTENT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy())))
                .isEqualTo("rw-r-----");
        Files.writeString(copy(), "the clone's machine has written");
        assertThat(store.makeClone(snapshot, cloning(), Meter.NONE)).isEqualTo(new AlreadyDone());
        assertThat(copy()).hasContent("the clone's machine has written");
        assertThat(store.removeClone(snapshot, cloning())).isEqualTo(new Done());
        assertThat(copy()).doesNotExist();
        assertThat(store.removeClone(snapshot, cloning())).isEqualTo(new AlreadyDone());
        assertThat(image).exists();
    }

    @Test
    void a_copy_has_its_name_only_when_it_is_whole() {
        interruptTheClone();
        assertThat(copy()).doesNotExist();
        assertThat(part()).exists();
        assertThat(store.makeClone(snapshot, cloning(), Meter.NONE)).isEqualTo(new Done());
        assertThat(copy()).hasBinaryContent(FakeHost.CONTENT);
        assertThat(part()).doesNotExist();
    }

    @Test
    void a_copy_that_was_only_begun_is_removed() {
        interruptTheClone();
        assertThat(store.removeClone(snapshot, cloning())).isEqualTo(new Done());
        assertThat(part()).doesNotExist();
    }

    /** Its key was not given after a reboot, say. */
    @Test
    void what_was_begun_in_a_dataset_that_is_not_mounted_is_not_called_gone() throws Exception {
        interruptTheClone();
        Path away = unmount();
        assertThat(store.removeClone(snapshot, cloning()))
                .isEqualTo(new Indeterminate(
                        "%s is not found: its dataset is not mounted: tank/images".formatted(copy())));
        mountAgain(away);
        assertThat(store.removeClone(snapshot, cloning())).isEqualTo(new Done());
        assertThat(part()).doesNotExist();
        assertThat(store.removeClone(snapshot, cloning())).isEqualTo(new AlreadyDone());
    }

    /** The copy is beside the link then, in whatever file system that is. */
    @Test
    void a_copy_that_was_made_beside_a_link_is_not_called_gone_while_its_directory_is(@TempDir Path links) {
        Path copy = links.resolve("mounted later").resolve(copy().getFileName());
        Change change = new Change("vda", snapshot.snapshot(), copy.toString(), "raw");
        assertThat(store.removeClone(snapshot, change)).isInstanceOf(Indeterminate.class);
        assertThat(copy.getParent().toFile().mkdir()).isTrue();
        assertThat(store.removeClone(snapshot, change)).isEqualTo(new AlreadyDone());
    }

    @Test
    void a_copy_in_a_directory_that_its_dataset_has_no_more_is_gone() throws Exception {
        Files.move(image.getParent(), fake.images.resolve("renamed"));
        assertThat(store.removeClone(snapshot, cloning())).isEqualTo(new AlreadyDone());
    }

    @Test
    void zeros_stay_holes_in_a_copy() throws Exception {
        byte[] sparse = Arrays.copyOf(FakeHost.CONTENT, 8 << 20);
        Files.write(image, sparse);
        VolumeSnapshot later = snapshot("sf-000000000002");
        store.makeClone(later, cloning(), Meter.NONE);
        assertThat(copy()).hasBinaryContent(sparse);
        Process du = new ProcessBuilder("du", "-k", copy().toString()).start();
        assertThat(new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .matches("[0-9]{1,2}\t.*\n");
    }

    @Test
    void a_place_without_room_refuses_a_copy_with_numbers() throws Exception {
        zfs.things.get("tank/images@" + LABEL).put("referenced", Long.MAX_VALUE + "\t-");
        try (RandomAccessFile huge = new RandomAccessFile(frozen().toFile(), "rw")) {
            huge.setLength(8L << 40);
        }
        assertThat(store.planClone(snapshot, CLONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).contains("MiB free, a copy may take 8388608 MiB"));
    }

    // ---- revert

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5000, 20_000, 300_000})
    void an_image_gets_back_its_content_and_its_length(int later) throws Exception {
        Files.write(image, new byte[later]);
        assertThat(store.planRevert(snapshot, CLONE))
                .isInstanceOfSatisfying(
                        Plan.Ready.class, ready -> assertThat(ready.change()).isEqualTo(reverting()));
        assertThat(store.revert(snapshot, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(image).hasBinaryContent(FakeHost.CONTENT);
        assertThat(frozen()).hasBinaryContent(FakeHost.CONTENT);
    }

    @Test
    void an_image_that_was_deleted_is_made_anew() throws Exception {
        Files.delete(image);
        assertThat(store.revert(snapshot, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(image).hasBinaryContent(FakeHost.CONTENT);
    }

    @Test
    void a_file_that_was_begun_anew_goes_when_the_revert_is_given_up_and_others_stay() throws Exception {
        Path foreign = Files.writeString(image.resolveSibling("data.img.part"), "somebody's download");
        Files.delete(image);
        Change change = new Change("vda", image.toString(), image.toString(), "raw");
        assertThatThrownBy(() -> store.revert(snapshot, change, (done, total) -> {
                    throw new IllegalStateException("Ctrl-C");
                }))
                .hasMessage("Ctrl-C");
        assertThat(store.giveUpRevert(snapshot, change)).isEqualTo(new Done());
        assertThat(store.giveUpRevert(snapshot, change)).isEqualTo(new AlreadyDone());
        try (var files = Files.list(image.getParent())) {
            assertThat(files).containsExactly(foreign);
        }
        assertThat(foreign).hasContent("somebody's download");
    }

    @Test
    void a_revert_that_began_a_file_anew_is_not_given_up_while_its_dataset_is_not_mounted() throws Exception {
        Files.delete(image);
        assertThatThrownBy(() -> store.revert(snapshot, reverting(), (done, total) -> {
                    throw new IllegalStateException("Ctrl-C");
                }))
                .hasMessage("Ctrl-C");
        Path away = unmount();
        assertThat(store.giveUpRevert(snapshot, reverting())).isInstanceOf(Indeterminate.class);
        mountAgain(away);
        assertThat(store.giveUpRevert(snapshot, reverting())).isEqualTo(new Done());
        assertThat(store.giveUpRevert(snapshot, reverting())).isEqualTo(new AlreadyDone());
    }

    /** A pool was replaced, its paths kept: the snapshot's own dataset is somebody's archive by now. */
    @Test
    void a_file_of_another_dataset_is_not_taken_for_that_which_the_snapshot_is_of(@TempDir Path archive)
            throws Exception {
        byte[] now = Files.readAllBytes(image);
        Path old = Files.createDirectories(archive.toRealPath().resolve("db")).resolve("data.img");
        Files.writeString(old, "an archive");
        Files.writeString(fake.host.mountinfo(), "");
        fake.mount("tank/other", fake.images);
        fake.mount("tank/images", archive.toRealPath());
        assertThat(store.planRevert(snapshot, CLONE)).isInstanceOf(Plan.Refused.class);
        assertThat(store.revert(snapshot, reverting(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(old).hasContent("an archive");
        assertThat(image).hasBinaryContent(now);
    }

    @Test
    void other_files_of_the_dataset_are_not_touched() throws Exception {
        Path other = Path.of(fake.file("vdx", "other.img", "raw").source());
        VolumeSnapshot later = snapshot("sf-000000000002");
        Files.writeString(other, "another machine's");
        store.revert(later, reverting(), Meter.NONE);
        assertThat(other).hasContent("another machine's");
    }

    @Test
    void what_a_qemu_has_open_is_neither_reverted_nor_removed() throws Exception {
        store.makeClone(snapshot, cloning(), Meter.NONE);
        byte[] now = Files.readAllBytes(image);
        try (LockingChild first = LockingChild.of(image);
                LockingChild second = LockingChild.of(copy())) {
            assertThat(List.of(first, second)).doesNotContainNull();
            assertThat(store.revert(snapshot, reverting(), Meter.NONE))
                    .isEqualTo(new Refused("a QEMU has %s open".formatted(image)));
            assertThat(store.removeClone(snapshot, cloning()))
                    .isEqualTo(new Refused("a QEMU has %s open".formatted(copy())));
        }
        assertThat(image).hasBinaryContent(now);
        assertThat(copy()).exists();
    }

    private void interruptTheClone() {
        assertThatThrownBy(() -> store.makeClone(snapshot, cloning(), (done, total) -> {
                    throw new IllegalStateException("Ctrl-C");
                }))
                .hasMessage("Ctrl-C");
    }

    /** Where the files are meanwhile. */
    private Path unmount() throws Exception {
        Files.writeString(fake.host.mountinfo(), "");
        return Files.move(image.getParent(), fake.images.resolveSibling("away"));
    }

    private void mountAgain(Path away) throws Exception {
        Files.move(away, image.getParent());
        fake.mount("tank/images", fake.images);
    }

    private VolumeSnapshot snapshot(String label) {
        VolumeSnapshot planned = driver.plan(
                        label, List.of(new Volume("vda", "file", image.toString(), "raw", 1, true, "none")))
                .get(0);
        assertThat(driver.create(List.of(planned))).isEqualTo(new Done());
        return planned;
    }

    private Path frozen() {
        return fake.images.resolve(".zfs/snapshot").resolve(LABEL).resolve("db/data.img");
    }

    private Path copy() {
        return image.resolveSibling(CLONE + ".vda.raw");
    }

    private Path part() {
        return image.resolveSibling(CLONE + ".vda.raw.part");
    }

    private Change cloning() {
        return new Change("vda", snapshot.snapshot(), copy().toString(), "raw");
    }

    private Change reverting() {
        return new Change("vda", image.toString(), image.toString(), "raw");
    }

    private Change removal() {
        return new Change("vda", snapshot.snapshot(), snapshot.snapshot(), "raw");
    }
}
