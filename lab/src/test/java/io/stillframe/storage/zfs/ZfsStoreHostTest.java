package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.View;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.LocalCommands;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on ZFS itself; runs as root in the lab's hypervisor host. */
class ZfsStoreHostTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 32 * MIB;
    private static final String CLONE = "sf-ccccccccccc1";

    private static RealPool pool;

    private final ZfsDriver driver = new ZfsDriver("db01", new LocalCommands(), new ZfsDriver.Limits(0, 80, 95));
    private final ZfsStore store = new ZfsStore("db01", new LocalCommands(), Path.of("/run/sfit-open"));

    @BeforeAll
    static void aPool(@TempDir Path directory) throws Exception {
        pool = RealPool.of("sfit3", directory, 1024 * (long) MIB);
    }

    @AfterAll
    static void noPool() throws Exception {
        pool.close();
    }

    @Test
    void a_zvol_is_reverted_to_any_of_its_snapshots_and_keeps_them_all() throws Exception {
        lineage(pool.zvol("vda", "revert/a", SIZE));
    }

    @Test
    void a_file_is_reverted_to_any_of_its_snapshots_and_keeps_them_all() throws Exception {
        Path image = pool.dataset("revertfiles").resolve("a.img");
        Files.write(image, new byte[SIZE]);
        lineage(new Volume("vda", "file", image.toString(), "raw", 1, true, "none"));
    }

    /** Three snapshots; to the first, to the last, to the middle one; then the middle one goes. */
    private void lineage(Volume volume) throws Exception {
        VolumeSnapshot[] snapshots = new VolumeSnapshot[3];
        for (int i = 0; i < 3; i++) {
            write(volume, content(i));
            snapshots[i] = snapshot(volume, "sf-00000000000" + i);
        }
        write(volume, content(9));
        assertThat(store.planRevert(snapshots[2], CLONE))
                .isInstanceOfSatisfying(
                        Plan.Ready.class, ready -> assertThat(ready.change()).isEqualTo(reverting(volume)));
        for (int i : new int[] {2, 0, 2, 1}) {
            assertThat(store.revert(snapshots[i], reverting(volume), Meter.NONE))
                    .isEqualTo(new Done());
            assertThat(read(Path.of(volume.source()))).isEqualTo(content(i));
            for (VolumeSnapshot each : snapshots) {
                assertThat(store.condition(each)).isInstanceOf(Condition.Present.class);
            }
        }
        assertThat(remove(snapshots[1])).isEqualTo(new Done());
        assertThat(remove(snapshots[1])).isEqualTo(new AlreadyDone());
        for (int i : new int[] {0, 2}) {
            assertThat(opened(snapshots[i])).isEqualTo(content(i));
            assertThat(remove(snapshots[i])).isEqualTo(new Done());
        }
    }

    @Test
    void a_zvol_that_was_resized_since_gets_the_size_it_had() throws Exception {
        Volume volume = pool.zvol("vda", "resized/a", SIZE);
        write(volume, content(1));
        VolumeSnapshot first = snapshot(volume, "sf-000000000001");
        for (int size : new int[] {2 * SIZE, SIZE / 2}) {
            RealPool.run("zfs", "set", "volsize=" + size, "sfit3/resized/a");
            VolumeSnapshot newer = snapshot(volume, "sf-00000000000" + size / SIZE);
            assertThat(store.revert(first, reverting(volume), Meter.NONE)).isEqualTo(new Done());
            assertThat(read(Path.of(volume.source()))).isEqualTo(content(1));
            assertThat(remove(newer)).isEqualTo(new Done());
        }
        RealPool.run("zfs", "set", "volsize=" + 2 * SIZE, "sfit3/resized/a");
        assertThat(store.revert(first, reverting(volume), Meter.NONE)).isEqualTo(new Done());
        assertThat(read(Path.of(volume.source()))).isEqualTo(content(1));
    }

    /** No process has it open. */
    @Test
    void a_zvol_that_the_host_has_mounted_or_a_device_upon_is_not_written_to(@TempDir Path point) throws Exception {
        Volume volume = pool.zvol("vda", "mounted/a", SIZE);
        RealPool.run("mkfs.ext4", "-q", "-F", volume.source());
        VolumeSnapshot first = snapshot(volume, "sf-000000000001");
        RealPool.run("mount", volume.source(), point.toString());
        try {
            assertThat(store.revert(first, reverting(volume), Meter.NONE))
                    .isEqualTo(new Refused("somebody has %s open".formatted(volume.source())));
        } finally {
            RealPool.run("umount", point.toString());
        }
        Process elsewhere = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount $0 $1 && echo mounted && exec sleep infinity",
                        volume.source(),
                        point.toString())
                .start();
        try {
            assertThat(elsewhere.inputReader().readLine()).isEqualTo("mounted");
            assertThat(store.revert(first, reverting(volume), Meter.NONE))
                    .as("mounted in another namespace")
                    .isInstanceOf(Refused.class);
        } finally {
            elsewhere.destroyForcibly().waitFor();
        }
        String table = "0 %d linear %s 0".formatted(SIZE / 512, volume.source());
        RealPool.run("dmsetup", "create", "sfit3-upon", "--table", table);
        try {
            assertThat(store.revert(first, reverting(volume), Meter.NONE)).isInstanceOf(Refused.class);
        } finally {
            RealPool.run("dmsetup", "remove", "--retry", "sfit3-upon");
        }
        assertThat(store.revert(first, reverting(volume), Meter.NONE)).isEqualTo(new Done());
    }

    @Test
    void a_snapshot_that_goes_with_a_renamed_zvol_or_to_a_promoted_clone_is_not_called_gone() {
        VolumeSnapshot first = snapshot(pool.zvol("vda", "moved/a", SIZE), "sf-000000000001");
        String zvol = Place.datasetOf(first.snapshot());
        RealPool.run("zfs", "rename", zvol, zvol + "-old");
        assertThat(store.condition(first)).isInstanceOf(Condition.Unknown.class);
        assertThat(remove(first)).isInstanceOf(Refused.class);
        RealPool.run("zfs", "rename", zvol + "-old", zvol);
        assertThat(store.condition(first)).isInstanceOf(Condition.Present.class);

        RealPool.run("zfs", "clone", first.snapshot(), zvol + "-clone");
        RealPool.run("zfs", "promote", zvol + "-clone");
        assertThat(store.condition(first)).isInstanceOf(Condition.Unknown.class);
        assertThat(remove(first)).isInstanceOf(Refused.class);
        RealPool.run("zfs", "promote", zvol);
        RealPool.run("zfs", "destroy", zvol + "-clone");
        assertThat(remove(first)).isEqualTo(new Done());
        assertThat(store.condition(first)).isEqualTo(new Condition.Absent());
    }

    @Test
    void a_revert_that_was_cut_short_is_carried_through() throws Exception {
        Volume volume = pool.zvol("vda", "cut/a", SIZE);
        write(volume, content(1));
        VolumeSnapshot first = snapshot(volume, "sf-000000000001");
        write(volume, content(2));
        VolumeSnapshot second = snapshot(volume, "sf-000000000002");
        assertThatThrownBy(() -> store.revert(first, reverting(volume), (done, total) -> {
                    if (done > total / 5) { // what differs ends before the half
                        throw new IllegalStateException("Ctrl-C");
                    }
                }))
                .hasMessage("Ctrl-C");
        assertThat(read(Path.of(volume.source()))).isNotEqualTo(content(1)).isNotEqualTo(content(2));
        assertThat(store.revert(first, reverting(volume), Meter.NONE)).isEqualTo(new Done());
        assertThat(read(Path.of(volume.source()))).isEqualTo(content(1));
        assertThat(remove(first)).isEqualTo(new Done());
        assertThat(remove(second)).isEqualTo(new Done());
    }

    @Test
    void a_zvols_clone_can_be_written_and_keeps_its_snapshot() throws Exception {
        Volume volume = pool.zvol("vda", "clones/a", SIZE);
        write(volume, content(1));
        VolumeSnapshot snapshot = snapshot(volume, "sf-000000000001");
        write(volume, content(2));
        Change change = ((Plan.Ready) store.planClone(snapshot, CLONE)).change();
        assertThat(change.to()).isEqualTo("/dev/zvol/sfit3/clones/" + CLONE + ".vda");
        assertThat(store.makeClone(snapshot, change, Meter.NONE)).isEqualTo(new Done());
        assertThat(store.makeClone(snapshot, change, Meter.NONE)).isEqualTo(new AlreadyDone());
        assertThat(read(Path.of(change.to()))).isEqualTo(content(1));
        write(new Volume("vda", "block", change.to(), "raw", 1, true, "none"), content(3));
        assertThat(read(Path.of(volume.source()))).isEqualTo(content(2));
        assertThat(opened(snapshot)).isEqualTo(content(1));
        assertThat(store.planRemoval(snapshot, Relatives.NONE)).isInstanceOf(Plan.Refused.class);
        assertThat(remove(snapshot))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.reason()).contains("clone sfit3/clones/" + CLONE + ".vda"));
        try (FileChannel used = FileChannel.open(Path.of(change.to()))) {
            assertThat(used.size()).isEqualTo(SIZE);
            assertThat(store.removeClone(snapshot, change)).isInstanceOf(Refused.class);
        }
        assertThat(store.removeClone(snapshot, change)).isEqualTo(new Done());
        assertThat(store.removeClone(snapshot, change)).isEqualTo(new AlreadyDone());
        assertThat(remove(snapshot)).isEqualTo(new Done());
    }

    @Test
    void a_files_clone_is_a_copy_that_needs_its_snapshot_no_more() throws Exception {
        Path image = pool.dataset("copies").resolve("a.qcow2");
        RealPool.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "64M");
        RealPool.run("qemu-io", "-f", "qcow2", "-c", "write -P 0x5a 1M 3M", image.toString());
        Volume volume = new Volume("vda", "file", image.toString(), "qcow2", 1, true, "none");
        byte[] moment = Files.readAllBytes(image);
        VolumeSnapshot snapshot = snapshot(volume, "sf-000000000001");
        RealPool.run("qemu-io", "-f", "qcow2", "-c", "write -P 0xa5 0 30M", image.toString());
        View.Opened view = (View.Opened) store.open(snapshot);
        byte[] raw = read(view.path());
        assertThat(raw).hasSize(64 * MIB);
        assertThat(Arrays.copyOfRange(raw, 0, 5 * MIB)).isEqualTo(pattern());
        assertThat(remove(snapshot)).isInstanceOf(Refused.class);
        assertThat(store.close(snapshot)).isEqualTo(new Done());
        assertThat(store.close(snapshot)).isEqualTo(new AlreadyDone());
        Change change = ((Plan.Ready) store.planClone(snapshot, CLONE)).change();
        assertThat(store.makeClone(snapshot, change, Meter.NONE)).isEqualTo(new Done());
        assertThat(Path.of(change.to())).hasBinaryContent(moment);
        RealPool.run("qemu-img", "check", "-q", "-f", "qcow2", change.to());
        assertThat(store.revert(snapshot, reverting(volume), Meter.NONE)).isEqualTo(new Done());
        assertThat(image).hasBinaryContent(moment);
        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertThat(Path.of(change.to())).hasBinaryContent(moment);
        assertThat(store.removeClone(snapshot, change)).isEqualTo(new Done());
    }

    @Test
    void a_view_that_is_read_is_neither_closed_nor_removed() throws Exception {
        Path image = pool.dataset("views").resolve("a.img");
        Files.write(image, content(1));
        for (Volume volume : List.of(
                pool.zvol("vda", "views/a", SIZE),
                new Volume("vda", "file", image.toString(), "raw", 1, true, "none"))) {
            write(volume, content(1));
            VolumeSnapshot snapshot = snapshot(volume, "sf-000000000001");
            View.Opened view = (View.Opened) store.open(snapshot);
            assertThat(store.open(snapshot)).isEqualTo(view);
            try (FileChannel reader = FileChannel.open(view.path())) {
                assertThat(reader.read(ByteBuffer.allocate(10))).isEqualTo(10);
                assertThat(store.close(snapshot)).isInstanceOf(Refused.class);
            }
            assertThat(remove(snapshot)).isInstanceOf(Refused.class);
            assertThat(driver.discard(List.of(snapshot))).isInstanceOf(Refused.class);
            assertThat(store.close(snapshot)).isEqualTo(new Done());
            assertThat(store.close(snapshot)).isEqualTo(new AlreadyDone());
            assertThat(remove(snapshot)).isEqualTo(new Done());
        }
    }

    @Test
    void what_a_snapshot_takes_is_told() throws Exception {
        Volume volume = pool.zvol("vda", "space/a", SIZE);
        write(volume, content(1));
        VolumeSnapshot snapshot = snapshot(volume, "sf-000000000001");
        assertThat(bytes(snapshot)).isLessThan(MIB);
        write(volume, content(2));
        RealPool.run("zpool", "sync", "sfit3");
        assertThat(bytes(snapshot)).isBetween((long) SIZE, SIZE * 3L / 2);
    }

    private long bytes(VolumeSnapshot snapshot) {
        return ((Condition.Present) store.condition(snapshot)).bytes().orElseThrow();
    }

    private VolumeSnapshot snapshot(Volume volume, String label) {
        List<VolumeSnapshot> planned = driver.plan(label, List.of(volume));
        assertThat(driver.create(planned)).isEqualTo(new Done());
        return planned.get(0);
    }

    private Outcome remove(VolumeSnapshot snapshot) {
        Change change = new Change("vda", snapshot.snapshot(), snapshot.snapshot(), snapshot.format());
        return store.remove(snapshot, change, Relatives.NONE, Meter.NONE);
    }

    private byte[] opened(VolumeSnapshot snapshot) throws IOException {
        byte[] content = read(((View.Opened) store.open(snapshot)).path());
        assertThat(store.close(snapshot)).isEqualTo(new Done());
        return content;
    }

    private static Change reverting(Volume volume) {
        return new Change("vda", volume.source(), volume.source(), volume.format());
    }

    /** What qemu-io wrote, within the first 5 MiB. */
    private static byte[] pattern() {
        byte[] bytes = new byte[5 * MIB];
        Arrays.fill(bytes, MIB, 4 * MIB, (byte) 0x5a);
        return bytes;
    }

    /** Two thirds are the same in all of them. */
    private static byte[] content(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(0).nextBytes(bytes);
        byte[] own = new byte[SIZE / 3];
        new Random(seed).nextBytes(own);
        System.arraycopy(own, 0, bytes, seed * MIB, own.length);
        return bytes;
    }

    private static void write(Volume volume, byte[] content) throws IOException {
        try (FileChannel disk = FileChannel.open(Path.of(volume.source()), StandardOpenOption.WRITE)) {
            disk.write(ByteBuffer.wrap(content), 0);
            disk.force(true);
        }
    }

    private static byte[] read(Path disk) throws IOException {
        try (FileChannel channel = FileChannel.open(disk)) {
            ByteBuffer content = ByteBuffer.allocate((int) channel.size());
            while (content.hasRemaining() && channel.read(content) >= 0) {}
            return Arrays.copyOf(content.array(), content.position());
        }
    }
}
