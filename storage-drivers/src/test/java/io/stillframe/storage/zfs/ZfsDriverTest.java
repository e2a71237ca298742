package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.zfs.FakeZfs.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ZfsDriverTest {
    private static final String LABEL = "sf-0123456789ab";

    private FakeHost fake;
    private FakeZfs zfs;
    private ZfsDriver driver;

    @BeforeEach
    void aHost(@TempDir Path directory) throws Exception {
        fake = new FakeHost(directory);
        zfs = fake.zfs;
        driver = new ZfsDriver("db01", zfs, new ZfsDriver.Limits(0, 80, 95), fake.host);
    }

    // ---- plan

    @Test
    void a_plan_names_the_datasets_snapshots_and_changes_nothing() throws Exception {
        Volume zvol = fake.zvol("vda", "tank/vms/db01");
        Volume file = fake.file("vdb", "db/data.img", "raw");
        assertThat(driver.plan(LABEL, List.of(zvol, file)))
                .containsExactly(
                        new VolumeSnapshot(
                                "vda", "zfs", "tank/vms/db01@" + LABEL, "raw", zvol.source(), Quiesce.NOTHING),
                        new VolumeSnapshot(
                                "vdb",
                                "zfs",
                                "tank/images@" + LABEL + ":db/data.img",
                                "raw",
                                file.source(),
                                Quiesce.NOTHING));
        assertThat(zfs.effects()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "zvol, raw, none, NOTHING",
        "zvol, raw, directsync, NOTHING",
        "zvol, raw, default, SYNC",
        "zvol, raw, writeback, SYNC",
        "zvol, raw, writethrough, SYNC",
        "zvol, raw, unsafe, PAUSE",
        "zvol, qcow2, none, PAUSE",
        "file, raw, none, NOTHING",
        "file, raw, writeback, NOTHING",
        "file, raw, unsafe, NOTHING",
        "file, qcow2, none, PAUSE",
        "file, qcow2, writeback, PAUSE"
    })
    void what_a_volume_needs_before_the_snapshot(String where, String format, String cache, Quiesce quiesce)
            throws Exception {
        Volume at = where.equals("zvol") ? fake.zvol("vda", "tank/vms/db01") : fake.file("vda", "a.img", format);
        Volume volume = new Volume("vda", at.kind(), at.source(), format, 1, true, cache);
        assertThat(driver.plan(LABEL, List.of(volume)))
                .extracting(VolumeSnapshot::quiesce)
                .containsExactly(quiesce);
    }

    @Test
    void a_volume_that_is_no_longer_there_cannot_be_planned() throws Exception {
        Volume volume = fake.file("vda", "a.img", "raw");
        Files.delete(Path.of(volume.source()));
        assertThatThrownBy(() -> driver.plan(LABEL, List.of(volume))).isInstanceOf(CommandException.class);
    }

    // ---- prepare, quiesce

    @Test
    void making_ready_has_the_pools_write_out_what_they_have() throws Exception {
        zfs.pool("dozer");
        List<VolumeSnapshot> planned =
                plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "dozer/b"), fake.zvol("vdc", "tank/c"));
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        assertThat(zfs.effects()).containsExactly("zpool sync tank", "zpool sync dozer");
    }

    /** Each fits by itself, and that is what was asked of each. */
    @ParameterizedTest
    @CsvSource({"tank/a, tank/b, tank", "tank/vms/a, tank/vms/b, tank/vms", "tank/vms/a, tank/vms/ab/c, tank/vms"})
    void reservations_that_do_not_fit_together_are_refused_before_the_guest_is_touched(
            String one, String other, String above) throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", one), fake.zvol("vdb", other));
        for (String zvol : List.of(one, other)) {
            zfs.things.get(zvol).put("refreservation", (10L << 20) + "\tlocal");
            zfs.things.get(zvol).put("written", (6L << 20) + "\t-");
        }
        if (!above.equals("tank")) {
            zfs.dataset(above, "filesystem");
            zfs.things.get("tank").put("available", "0\t-"); // all of it is reserved, for these among others
        }
        zfs.things.get(above).put("available", (12L << 20) + "\t-");
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        zfs.things.get(above).put("available", (11L << 20) + "\t-");
        assertThat(driver.prepare(planned))
                .isEqualTo(new Refused("%s has 11 MiB free, 12 MiB are needed to keep the reservations of %s, %s"
                        .formatted(above, one, other)));
    }

    @Test
    void a_foreign_snapshot_of_the_name_is_found_before_the_guest_is_touched() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"));
        foreign("tank/a@" + LABEL, Map.of());
        assertThat(driver.prepare(planned))
                .isEqualTo(new Refused("tank/a@%s exists and is not of this run".formatted(LABEL)));
    }

    @Test
    void only_what_is_cached_by_the_host_is_synced() throws Exception {
        assertThat(driver.quiesce(plan(fake.zvol("vda", "tank/a")))).isEqualTo(new AlreadyDone());
        Volume direct = fake.zvol("vdb", "tank/b");
        Volume cached = new Volume("vdb", "block", direct.source(), "raw", 1, true, "writeback");
        assertThat(driver.quiesce(plan(cached))).isEqualTo(new Done());
        Files.delete(Path.of(cached.source()));
        assertThat(driver.quiesce(plannedOf("vdb", "tank/b", Quiesce.SYNC))).isInstanceOf(Refused.class);
    }

    // ---- create

    @Test
    void all_volumes_of_a_pool_are_taken_by_one_command() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/vms/a"), fake.zvol("vdb", "tank/b"));
        assertThat(driver.atomic(planned)).isTrue();
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(zfs.effects())
                .containsExactly(
                        "zfs snapshot " + marks("tank/vms/a,tank/b") + "tank/vms/a@%1$s tank/b@%1$s".formatted(LABEL));
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
        assertThat(driver.update(planned)).isEqualTo(new AlreadyDone());
        assertThat(driver.verify(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void two_images_on_one_dataset_share_its_snapshot() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.file("vda", "a.img", "raw"), fake.file("vdb", "b.img", "raw"));
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(zfs.effects()).containsExactly("zfs snapshot " + marks("tank/images") + "tank/images@" + LABEL);
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
    }

    @Test
    void pools_have_no_instant_in_common() throws Exception {
        zfs.pool("dozer");
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "dozer/b"));
        assertThat(driver.atomic(planned)).isFalse();
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(zfs.effects())
                .containsExactly(
                        "zfs snapshot " + marks("tank/a") + "tank/a@" + LABEL,
                        "zfs snapshot " + marks("dozer/b") + "dozer/b@" + LABEL);
    }

    @Test
    void a_second_pool_that_refuses_is_not_called_a_refusal_of_all() throws Exception {
        zfs.pool("dozer");
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "dozer/b"));
        foreign("dozer/b@" + LABEL, Map.of());
        assertThat(driver.create(planned)).isInstanceOf(Indeterminate.class);
        assertThat(driver.find(planned)).isEqualTo(Presence.PARTIAL);
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(zfs.things).containsKey("dozer/b@" + LABEL).doesNotContainKey("tank/a@" + LABEL);
    }

    @Test
    void the_same_label_again_is_there_already() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "tank/b"));
        driver.create(planned);
        assertThat(driver.create(planned)).isEqualTo(new AlreadyDone());
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
    }

    @Test
    void a_foreign_snapshot_of_the_name_is_neither_ours_nor_ever_removed() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "tank/b"));
        for (Map<String, String> properties : List.of(
                Map.<String, String>of(),
                Map.of("io.stillframe:run", "sf-ba9876543210"),
                // a label that its dataset was given is not its own
                Map.of("io.stillframe:run", LABEL + "\tinherited from tank/a"))) {
            foreign("tank/a@" + LABEL, properties);
            assertThat(driver.create(planned))
                    .isEqualTo(new Refused(
                            "zfs snapshot: cannot create snapshot 'tank/a@%s': dataset already exists".formatted(LABEL)
                                    + " no snapshots were created"));
            assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);
            assertThat(driver.verify(planned)).isInstanceOf(Refused.class);
            assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
            assertThat(zfs.things).containsKey("tank/a@" + LABEL);
        }
    }

    @Test
    void half_a_set_of_an_earlier_call_is_not_completed_at_another_instant() throws Exception {
        VolumeSnapshot first = plan(fake.zvol("vda", "tank/a")).get(0);
        VolumeSnapshot second = plan(fake.zvol("vdb", "tank/b")).get(0);
        driver.create(List.of(first));
        assertThat(driver.create(List.of(first, second))).isInstanceOf(Indeterminate.class);
        assertThat(driver.find(List.of(first, second))).isEqualTo(Presence.PARTIAL);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void a_lost_answer_is_no_failure_and_the_names_tell(Fault fault) throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "tank/b"));
        zfs.faults.put("snapshot", fault);
        assertThat(driver.create(planned)).isInstanceOf(Indeterminate.class);
        assertThat(driver.find(planned)).isEqualTo(fault == Fault.KILLED_AFTER ? Presence.PRESENT : Presence.ABSENT);
        assertThat(driver.create(planned)).isEqualTo(fault == Fault.KILLED_AFTER ? new AlreadyDone() : new Done());
    }

    @Test
    void a_look_waits_for_the_pool_to_have_done_what_it_was_told() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"));
        for (Runnable look : List.<Runnable>of(() -> driver.find(planned), () -> driver.discard(planned))) {
            zfs.given.clear();
            look.run();
            assertThat(zfs.given.get(0)).containsExactly("zpool", "sync", "tank");
        }
    }

    @Test
    void a_pool_without_room_refuses_with_its_own_words() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"));
        zfs.refusals.put("snapshot", "cannot create snapshot 'tank/a@%s': out of space".formatted(LABEL));
        assertThat(driver.create(planned))
                .isEqualTo(
                        new Refused("zfs snapshot: cannot create snapshot 'tank/a@%s': out of space".formatted(LABEL)));
    }

    // ---- discard

    @Test
    void a_run_is_rolled_back_by_its_names_alone() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "tank/b"));
        driver.create(planned);
        zfs.given.clear();
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(zfs.effects())
                .containsExactly("zpool sync tank", "zfs destroy tank/a@" + LABEL, "zfs destroy tank/b@" + LABEL);
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void one_that_cannot_be_removed_keeps_no_other() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"), fake.zvol("vdb", "tank/b"));
        driver.create(planned);
        zfs.holds.put("tank/a@" + LABEL, new HashSet<>(List.of("somebody")));
        assertThat(driver.discard(planned)).isInstanceOf(Refused.class);
        assertThat(zfs.things).containsKey("tank/a@" + LABEL).doesNotContainKey("tank/b@" + LABEL);
    }

    @Test
    void a_pool_that_is_not_there_is_not_called_empty() throws Exception {
        List<VolumeSnapshot> planned = plan(fake.zvol("vda", "tank/a"));
        driver.create(planned);
        zfs.pools.clear();
        assertThat(driver.discard(planned)).isInstanceOf(Indeterminate.class);
        assertThatThrownBy(() -> driver.find(planned)).isInstanceOf(CommandException.class);
    }

    private List<VolumeSnapshot> plan(Volume... volumes) {
        return driver.plan(LABEL, Stream.of(volumes).toList());
    }

    private static List<VolumeSnapshot> plannedOf(String disk, String zvol, Quiesce quiesce) {
        return List.of(new VolumeSnapshot(disk, "zfs", zvol + "@" + LABEL, "raw", "/dev/zvol/" + zvol, quiesce));
    }

    private void foreign(String snapshot, Map<String, String> properties) {
        zfs.things.put(snapshot, new HashMap<>(properties));
    }

    private static String marks(String datasets) {
        return "-o io.stillframe:run=%s -o io.stillframe:datasets=%s -o io.stillframe:vm=db01 "
                .formatted(LABEL, datasets);
    }
}
