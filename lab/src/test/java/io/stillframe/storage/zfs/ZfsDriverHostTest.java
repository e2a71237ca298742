package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Condition;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.View;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver on ZFS itself; runs as root in the lab's hypervisor host. */
class ZfsDriverHostTest {
    private static final long MIB = 1 << 20;

    private static RealPool pool;
    private static Path directory;
    private static int labels;

    private final Commands commands = new LocalCommands();
    private final ZfsDriver driver = new ZfsDriver("db01", commands, new ZfsDriver.Limits(0, 80, 95));
    private final ZfsStore store = new ZfsStore("db01", commands, Path.of("/run/sfit-open"));

    @BeforeAll
    static void aPool(@TempDir Path temporary) throws Exception {
        directory = temporary;
        pool = RealPool.of("sfit1", directory, 1024 * MIB);
    }

    @AfterAll
    static void noPool() throws Exception {
        pool.close();
    }

    @Test
    void what_waits_in_the_page_cache_is_in_the_snapshot_after_the_sync() throws Exception {
        Volume zvol = pool.zvol("vda", "cached/a", 64 * MIB);
        Volume cached = new Volume("vda", "block", zvol.source(), "raw", 1, true, "writeback");
        List<VolumeSnapshot> planned = plan(cached);
        assertThat(driver.probe(cached)).isInstanceOf(Probe.Usable.class);
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        byte[] moment = random(8 * (int) MIB, 1);
        // kept open: the last close of a device would write it all out
        try (FileChannel device = FileChannel.open(Path.of(cached.source()), StandardOpenOption.WRITE)) {
            device.write(ByteBuffer.wrap(moment), 0);
            assertThat(driver.quiesce(planned)).isEqualTo(new Done());
            assertThat(driver.create(planned)).isEqualTo(new Done());
            device.write(ByteBuffer.wrap(random(8 * (int) MIB, 2)), 0);
        }
        assertThat(opened(planned.get(0), moment.length)).isEqualTo(moment);
        discard(planned);
    }

    @Test
    void a_raw_files_writes_are_in_the_snapshot_without_any_sync() throws Exception {
        Path image = pool.dataset("raw").resolve("db/a b.img");
        Files.createDirectories(image.getParent());
        byte[] moment = random(8 * (int) MIB + 5, 3);
        Volume volume = new Volume("vda", "file", image.toString(), "raw", 1, true, "writeback");
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(moment), 0);
            List<VolumeSnapshot> planned = plan(volume);
            assertThat(planned.get(0).snapshot()).startsWith("sfit1/raw@sf-").endsWith(":db/a b.img");
            assertThat(driver.create(planned)).isEqualTo(new Done());
            file.write(ByteBuffer.wrap(random(8 * (int) MIB, 4)), 0);
            assertThat(opened(planned.get(0), moment.length)).isEqualTo(moment);
            discard(planned);
        }
    }

    /** Each write is begun when the one before is completed, on the next volume; so no volume can be two ahead of another. */
    @Test
    void volumes_of_one_pool_have_one_instant_while_they_are_written_to() throws Exception {
        Volume first = pool.zvol("vda", "instant/a", 64 * MIB);
        Volume second = pool.zvol("vdb", "instant/b", 64 * MIB);
        Path image = pool.dataset("instant/files").resolve("c.img");
        Files.write(image, new byte[8]);
        Volume third = new Volume("vdc", "file", image.toString(), "raw", 1, true, "none");
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Long> writer = CompletableFuture.supplyAsync(
                () -> count(List.of(first.source(), second.source(), third.source()), enough));
        try {
            long before = 0;
            for (int i = 0; i < 5; i++) {
                List<VolumeSnapshot> planned = plan(first, second, third);
                assertThat(driver.atomic(planned)).isTrue();
                assertThat(driver.create(planned)).isEqualTo(new Done());
                long[] seen = new long[3];
                for (int disk = 0; disk < 3; disk++) {
                    seen[disk] = ByteBuffer.wrap(opened(planned.get(disk), 8)).getLong();
                }
                assertThat(seen[0]).isBetween(seen[2], seen[2] + 1);
                assertThat(seen[1]).isBetween(seen[2], seen[0]);
                assertThat(seen[0]).isGreaterThan(before);
                before = seen[0];
                discard(planned);
            }
        } finally {
            enough.set(true);
        }
        assertThat(writer.get()).isPositive();
    }

    @Test
    void a_killed_zfs_leaves_all_or_none_and_the_names_tell_which() throws Exception {
        Volume first = pool.zvol("vda", "killed/a", 64 * MIB);
        Volume second = pool.zvol("vdb", "killed/b", 64 * MIB);
        Random random = new Random(7);
        List<Presence> found = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            List<VolumeSnapshot> planned = plan(first, second);
            Duration limit = Duration.ofMillis(random.nextInt(i < 7 ? 40 : 400));
            ZfsDriver killed = new ZfsDriver(
                    "db01",
                    (argv, usual) -> commands.run(argv, argv.get(1).equals("snapshot") ? limit : usual),
                    new ZfsDriver.Limits(0, 80, 95));
            Outcome outcome = killed.create(planned);
            Presence presence = driver.find(planned);
            found.add(presence);
            assertThat(presence).isNotEqualTo(Presence.PARTIAL);
            assertThat(outcome).isInstanceOfAny(Done.class, Indeterminate.class);
            if (outcome instanceof Done) {
                assertThat(presence).isEqualTo(Presence.PRESENT);
            }
            discard(planned);
        }
        System.out.println("killed at random moments: " + found);
    }

    @Test
    void a_foreign_snapshot_of_the_name_stays() {
        List<VolumeSnapshot> planned =
                plan(pool.zvol("vda", "foreign/a", 64 * MIB), pool.zvol("vdb", "foreign/b", 64 * MIB));
        String name = SnapshotName.parse(planned.get(0).snapshot()).zfs();
        RealPool.run("zfs", "snapshot", name);
        assertThat(driver.prepare(planned)).isInstanceOf(Refused.class);
        assertThat(driver.create(planned)).isInstanceOf(Refused.class);
        assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(store.condition(planned.get(0))).isInstanceOf(Condition.Lost.class);
        assertThat(RealPool.run("zfs", "list", "-H", "-t", "snapshot", "-o", "name", name))
                .isEqualTo(name + "\n");
    }

    @Test
    void the_same_label_again_twice_removed_and_unknown() {
        List<VolumeSnapshot> planned = plan(pool.zvol("vda", "again/a", 64 * MIB));
        assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(driver.create(planned)).isEqualTo(new AlreadyDone());
        assertThat(driver.verify(planned)).isEqualTo(new AlreadyDone());
        discard(planned);
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void the_longest_name_works_and_one_more_is_refused_before() {
        String parent = "sfit1/names/";
        String longest = "n".repeat(255 - "@sf-0123456789ab".length() - parent.length());
        Volume fits = pool.zvol("vda", "names/" + longest, 64 * MIB);
        assertThat(driver.probe(fits)).isInstanceOf(Probe.Usable.class);
        List<VolumeSnapshot> planned = plan(fits);
        assertThat(driver.create(planned)).isEqualTo(new Done());
        discard(planned);
        Volume tooLong = pool.zvol("vdb", "names/" + longest + "n", 64 * MIB);
        assertThat(driver.probe(tooLong)).isInstanceOf(Probe.Unusable.class);
    }

    @Test
    void a_pool_without_room_for_the_reservation_is_refused_by_us_and_by_zfs() throws Exception {
        try (RealPool small = RealPool.of("sfit2", directory, 320 * MIB)) {
            Volume zvol = small.zvol("vda", "a", 96 * MIB);
            assertThat(driver.probe(zvol)).isInstanceOf(Probe.Usable.class);
            RealPool.run("dd", "if=/dev/urandom", "of=" + zvol.source(), "bs=1M", "count=80", "oflag=direct");
            RealPool.run("zpool", "sync", "sfit2");
            assertThat(driver.probe(zvol))
                    .isInstanceOfSatisfying(
                            Probe.Unusable.class,
                            probe -> assertThat(probe.reason()).contains("MiB of them to keep its reservation"));
            List<VolumeSnapshot> planned = plan(zvol);
            assertThat(driver.create(planned))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.reason()).contains("out of space"));
            assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);
        }
    }

    @Test
    void two_pools_are_taken_one_after_the_other_and_one_that_is_gone_is_not_called_empty() throws Exception {
        RealPool other = RealPool.of("sfit2", directory, 256 * MIB);
        List<VolumeSnapshot> planned = plan(pool.zvol("vda", "two/a", 64 * MIB), other.zvol("vdb", "b", 32 * MIB));
        assertThat(driver.atomic(planned)).isFalse();
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
        RealPool.run("udevadm", "settle");
        RealPool.run("zpool", "export", "sfit2");
        assertThat(store.condition(planned.get(1))).isInstanceOf(Condition.Unknown.class);
        assertThat(driver.discard(planned)).isInstanceOf(Indeterminate.class);
        RealPool.run("zpool", "import", "-d", directory.toString(), "sfit2");
        discard(planned);
        other.close();
    }

    @Test
    void a_pool_that_lost_a_disk_is_warned_of_and_one_that_is_read_only_is_refused() throws Exception {
        try (RealPool mirror = RealPool.mirror("sfit2", directory, 128 * MIB)) {
            Volume zvol = mirror.zvol("vda", "a", 16 * MIB);
            RealPool.run(
                    "zpool", "offline", "sfit2", directory.resolve("sfit2.b").toString());
            assertThat(driver.probe(zvol)).isEqualTo(new Probe.Usable(List.of("pool sfit2 is DEGRADED")));
            RealPool.run("udevadm", "settle");
            RealPool.run("zpool", "export", "sfit2");
            RealPool.run("zpool", "import", "-o", "readonly=on", "-d", directory.toString(), "sfit2");
            RealPool.run("udevadm", "wait", "--timeout=60", zvol.source());
            assertThat(driver.probe(zvol))
                    .isInstanceOfSatisfying(
                            Probe.Unusable.class,
                            probe -> assertThat(probe.reason()).isEqualTo("pool sfit2 is DEGRADED and read-only"));
        }
    }

    private List<VolumeSnapshot> plan(Volume... volumes) {
        return driver.plan("sf-%012d".formatted(labels++), List.of(volumes));
    }

    private void discard(List<VolumeSnapshot> planned) {
        Outcome outcome = driver.discard(planned);
        assertThat(outcome).isInstanceOfAny(Done.class, AlreadyDone.class);
        assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);
    }

    /** The first bytes of a snapshot's view, which is closed again. */
    private byte[] opened(VolumeSnapshot snapshot, int bytes) throws IOException {
        View view = store.open(snapshot);
        assertThat(view).isInstanceOf(View.Opened.class);
        Path path = ((View.Opened) view).path();
        assertThatThrownBy(
                        () -> FileChannel.open(path, StandardOpenOption.WRITE).close())
                .isInstanceOf(IOException.class);
        ByteBuffer content = ByteBuffer.allocate(bytes);
        try (FileChannel channel = FileChannel.open(path)) {
            while (content.hasRemaining() && channel.read(content) >= 0) {}
        }
        assertThat(store.close(snapshot)).isEqualTo(new Done());
        return content.array();
    }

    /** Writes the same number to one disk after the other, then the next number, each durably; the last that was written. */
    private static long count(List<String> disks, AtomicBoolean enough) {
        long number = 0;
        List<FileChannel> channels = new ArrayList<>();
        try {
            for (String disk : disks) {
                channels.add(FileChannel.open(Path.of(disk), StandardOpenOption.WRITE, StandardOpenOption.DSYNC));
            }
            while (!enough.get()) {
                number++;
                for (FileChannel channel : channels) {
                    channel.write(ByteBuffer.allocate(8).putLong(0, number), 0);
                }
            }
            for (FileChannel channel : channels) {
                channel.close();
            }
            return number;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
