package io.stillframe.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.View;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LvmDriverTest {
    private static final String LABEL = "sf-0123456789ab";
    private static final String SNAPSHOT = LABEL + ".vda";
    private static final String ONLY_OURS =
            "lvremove --yes --select lv_tags={\"stillframe\" && \"stillframe.kind=snapshot\" && \"stillframe.run="
                    + LABEL + "\" && \"stillframe.disk=vda\"} vg/" + SNAPSHOT;
    private static final long MIB = 1 << 20;

    private final FakeLvm lvm = new FakeLvm();
    private final FakeDevices devices = new FakeDevices();

    @BeforeEach
    void volumes() {
        lvm.thick("thick", 100 * MIB);
        lvm.pool("pool", 10, 20);
        lvm.thin("thin", 100 * MIB, "pool");
        lvm.thin("other", 100 * MIB, "pool");
    }

    @Test
    void a_thick_snapshots_room_is_made_before_the_window_and_only_put_on_the_origin_inside() {
        StorageDriver driver = driver("thick");
        List<VolumeSnapshot> planned = plan(driver, "thick");

        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        assertThat(lvm.changes())
                .containsExactly(
                        "lvcreate --yes --name " + SNAPSHOT + " --addtag stillframe"
                                + " --addtag stillframe.kind=snapshot --addtag stillframe.run=" + LABEL
                                + " --addtag stillframe.disk=vda --addtag stillframe.vm=uuid"
                                + " --size 20971520b --zero y --wipesignatures y --setactivationskip n vg",
                        "lvchange --yes --activate n vg/" + SNAPSHOT,
                        "lvchange --yes --permission r vg/" + SNAPSHOT);
        assertThat(devices.synced).containsExactly("/dev/vg/thick");
        assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);

        lvm.given.clear();
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(driver.update(planned)).isEqualTo(new AlreadyDone());
        assertThat(lvm.given)
                .containsExactly(List.of(
                        "lvconvert",
                        "--yes",
                        "--config",
                        "backup { backup=0 archive=0 }",
                        "--snapshot",
                        "--zero",
                        "n",
                        "vg/thick",
                        "vg/" + SNAPSHOT));
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
        assertThat(driver.verify(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void a_thin_snapshot_is_one_command_inside_the_window() {
        StorageDriver driver = driver("thin");
        List<VolumeSnapshot> planned = plan(driver, "thin");
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        assertThat(lvm.changes()).isEmpty();

        lvm.given.clear();
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(driver.update(planned)).isEqualTo(new AlreadyDone());
        assertThat(lvm.given).hasSize(1);
        assertThat(lvm.changes())
                .containsExactly("lvcreate --yes --name " + SNAPSHOT + " --addtag stillframe"
                        + " --addtag stillframe.kind=snapshot --addtag stillframe.run=" + LABEL
                        + " --addtag stillframe.disk=vda --addtag stillframe.vm=uuid"
                        + " --snapshot --activate n --setactivationskip y --permission r"
                        + " --config backup { backup=0 archive=0 } vg/thin");
        assertThat(driver.verify(planned)).isEqualTo(new AlreadyDone());
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void the_same_label_again_is_already_done(String kind) {
        List<VolumeSnapshot> planned = taken(kind);
        assertThat(driver(kind).create(planned)).isEqualTo(new AlreadyDone());
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void one_volume_has_one_instant_and_several_have_not(String kind) {
        List<VolumeSnapshot> one = plan(driver(kind), kind);
        assertThat(driver(kind).atomic(one)).isTrue();
        assertThat(driver(kind).atomic(List.of(one.get(0), one.get(0)))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void what_somebody_else_has_the_name_of_is_refused_and_never_removed(String kind) {
        lvm.thick(SNAPSHOT, MIB).tags.add("stillframe");
        List<VolumeSnapshot> planned = plan(driver(kind), kind);

        assertThat(driver(kind).prepare(planned))
                .isEqualTo(new Refused("vg/%s exists already and is not marked as ours".formatted(SNAPSHOT)));
        assertThat(driver(kind).create(planned)).isInstanceOf(Refused.class);
        assertThat(driver(kind).find(planned)).isEqualTo(Presence.ABSENT);
        assertThat(driver(kind).discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(lvm.volumes).containsKey(SNAPSHOT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void what_was_taken_is_found_though_its_reply_was_lost(String kind) {
        List<VolumeSnapshot> planned = plan(driver(kind), kind);
        driver(kind).prepare(planned);
        lvm.lost = FakeLvm::takes;
        assertThat(driver(kind).create(planned)).isInstanceOf(Indeterminate.class);

        lvm.lost = argv -> false;
        assertThat(driver(kind).find(planned)).isEqualTo(Presence.PRESENT);
        assertThat(driver(kind).create(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void a_thin_snapshot_that_is_written_down_and_no_more_was_not_taken() {
        List<VolumeSnapshot> planned = plan(driver("thin"), "thin");
        lvm.writtenDown = FakeLvm::takes;
        assertThat(driver("thin").create(planned)).isInstanceOf(Indeterminate.class);

        lvm.writtenDown = argv -> false;
        assertThat(lvm.volumes).containsKey(SNAPSHOT);
        assertThat(driver("thin").find(planned)).isEqualTo(Presence.ABSENT);
        assertThat(driver("thin").verify(planned)).isInstanceOf(Refused.class);
        assertThat(driver("thin").create(planned)).isEqualTo(new Done());
        assertThat(driver("thin").find(planned)).isEqualTo(Presence.PRESENT);
    }

    @Test
    void a_thick_snapshots_room_is_made_once_and_left_alone_once_it_is_a_snapshot() {
        List<VolumeSnapshot> planned = plan(driver("thick"), "thick");
        assertThat(driver("thick").prepare(planned)).isEqualTo(new Done());
        assertThat(driver("thick").prepare(planned)).isEqualTo(new Done());
        assertThat(driver("thick").create(planned)).isEqualTo(new Done());
        assertThat(driver("thick").prepare(planned)).isEqualTo(new Done());
        assertThat(driver("thick").find(planned)).isEqualTo(Presence.PRESENT);
    }

    @Test
    void one_that_cannot_be_resumed_or_removed_keeps_no_other_waiting() {
        StorageDriver driver = driver("thin");
        List<VolumeSnapshot> planned = driver.plan(LABEL, List.of(volume("vda", "thin"), volume("vdb", "other")));
        driver.prepare(planned);
        driver.create(planned);
        lvm.volumes.get(SNAPSHOT).with("lv_device_open", "open");

        assertThat(driver.discard(planned)).isInstanceOf(Refused.class);
        assertThat(lvm.volumes).containsKey(SNAPSHOT).doesNotContainKey(LABEL + ".vdb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void a_killed_tool_leaves_it_open_and_its_origin_is_resumed_at_once(String kind) {
        List<VolumeSnapshot> planned = plan(driver(kind), kind);
        driver(kind).prepare(planned);
        lvm.killed = FakeLvm::takes;
        lvm.suspended.add("vg-" + kind);

        assertThat(driver(kind).create(planned)).isInstanceOf(Indeterminate.class);
        assertThat(lvm.suspended).isEmpty();
        assertThat(lvm.changes())
                .last()
                .isEqualTo("lvchange --yes --config devices { ignore_suspended_devices=1 } --refresh vg/" + kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void whoever_takes_over_an_interrupted_run_resumes_the_origin(String kind) {
        List<VolumeSnapshot> planned = taken(kind);
        lvm.suspended.add("vg-" + kind);
        assertThat(driver(kind).update(planned)).isEqualTo(new Done());
        assertThat(lvm.suspended).isEmpty();

        lvm.suspended.add("vg-" + kind);
        assertThat(driver(kind).discard(planned)).isEqualTo(new Done());
        assertThat(lvm.suspended).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void a_table_that_a_killed_tool_had_loaded_is_not_put_in_use(String kind) {
        List<VolumeSnapshot> planned = taken(kind);
        lvm.suspended.add("vg-" + kind);
        lvm.stale.addAll(List.of("vg-" + kind, "vg-other"));
        assertThat(driver(kind).resume(planned)).isEqualTo(new Done());
        assertThat(lvm.suspended).isEmpty();
        assertThat(lvm.wentStale).isFalse();
        assertThat(lvm.stale)
                .as("what is not suspended is somebody's who is at it")
                .containsExactly("vg-other");
    }

    /** With scan_lvs of lvm.conf LVM reads what volumes hold, a suspended one, too, unless it is told not to. */
    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void an_lvm_that_looks_for_labels_in_volumes_does_not_wait_for_the_one_it_is_to_resume(String kind) {
        List<VolumeSnapshot> planned = taken(kind);
        lvm.conf.put("scan_lvs", "1");
        lvm.suspended.add("vg-" + kind);
        assertThat(driver(kind).update(planned)).isEqualTo(new Done());
        assertThat(lvm.suspended).isEmpty();
    }

    @Test
    void a_volume_lets_go_of_the_layer_below_a_suspended_origin_that_lvm_would_wait_for() {
        List<VolumeSnapshot> planned = plan(driver("thick"), "thick");
        driver("thick").prepare(planned);
        lvm.conf.put("scan_lvs", "1");
        lvm.suspended.addAll(List.of("vg-thick", "vg-somebody"));
        lvm.layered.add("thick");
        lvm.loaded.add(SNAPSHOT);
        assertThat(driver("thick").resume(planned)).isEqualTo(new Done());
        assertThat(lvm.layered).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"list_item_separator, ;", "binary_values_as_numeric, 1", "compact_output, 1"})
    void how_lvm_conf_has_reports_look_changes_nothing(String setting, String value) {
        lvm.conf.put(setting, value);
        List<VolumeSnapshot> planned = taken("thick");
        assertThat(driver("thick").find(planned)).isEqualTo(Presence.PRESENT);
        assertThat(driver("thick").verify(planned)).isEqualTo(new AlreadyDone());
        assertThat(thickStore().condition(planned.get(0))).isInstanceOf(Condition.Present.class);
        assertThat(driver("thick").discard(planned)).isEqualTo(new Done());
        assertThat(lvm.volumes).doesNotContainKey(SNAPSHOT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void devices_that_go_while_they_are_listed_make_no_run_uncertain(String kind) {
        List<VolumeSnapshot> planned = taken(kind);
        lvm.vanishing = 4;
        assertThat(driver(kind).verify(planned)).isEqualTo(new AlreadyDone());
        lvm.vanishing = 4;
        assertThat(driver(kind).discard(planned)).isEqualTo(new Done());
    }

    @Test
    void a_list_of_devices_that_is_never_whole_is_not_believed() {
        List<VolumeSnapshot> planned = taken("thin");
        lvm.vanishing = Integer.MAX_VALUE;
        lvm.given.clear();
        assertThat(driver("thin").resume(planned)).isInstanceOf(Indeterminate.class);
        assertThat(lvm.given).filteredOn(argv -> argv.contains("info")).hasSize(5);
    }

    /** LVM discards what a volume had, which may take long, before it writes down that it is gone. */
    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void a_removal_has_an_hour_and_what_runs_while_a_machine_waits_has_not(String kind) {
        assertThat(driver(kind).discard(taken(kind))).isEqualTo(new Done());
        assertThat(lvm.limits).containsEntry("lvremove", Duration.ofHours(1));
        assertThat(lvm.limits).containsEntry(kind.equals("thick") ? "lvconvert" : "lvcreate", Duration.ofMinutes(2));
    }

    @Test
    void a_removal_that_fails_when_the_snapshot_is_none_any_more_is_not_called_refused() {
        VolumeSnapshot snapshot = taken("thick").get(0);
        lvm.unresumed = argv -> argv.get(0).equals("lvremove");
        assertThat(remove(snapshot))
                .isInstanceOf(Indeterminate.class)
                .extracting(Outcome::because)
                .asString()
                .contains("is no snapshot any more", "Failed to activate");

        lvm.unresumed = argv -> false;
        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertThat(lvm.volumes).doesNotContainKey(SNAPSHOT);
    }

    @Test
    void a_removal_that_lvm_does_not_begin_is_refused() {
        VolumeSnapshot snapshot = taken("thick").get(0);
        lvm.refused = argv -> argv.get(0).equals("lvremove");
        assertThat(remove(snapshot)).isInstanceOf(Refused.class);
    }

    @Test
    void a_snapshot_that_has_lost_its_tags_is_not_said_to_be_removed() {
        VolumeSnapshot snapshot = taken("thick").get(0);
        lvm.volumes.get(SNAPSHOT).tags.remove("stillframe.run=" + LABEL);
        assertThat(thickStore().planRemoval(snapshot, Relatives.NONE))
                .isInstanceOfSatisfying(Plan.Refused.class, refused -> {
                    assertThat(refused.reason()).isEqualTo("vg/%s is there and is not marked as ours", SNAPSHOT);
                    assertThat(refused.hint()).contains("lvremove vg/" + SNAPSHOT, "--addtag stillframe.run=" + LABEL);
                });
        assertThat(remove(snapshot)).isInstanceOf(Refused.class);
        assertThat(lvm.volumes).containsKey(SNAPSHOT);

        lvm.volumes.get(SNAPSHOT).tags.add("stillframe.run=" + LABEL);
        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertThat(remove(snapshot)).isEqualTo(new AlreadyDone());
    }

    @Test
    void the_layer_that_a_killed_removal_left_below_the_origin_is_taken_down_once_no_snapshot_needs_it() {
        List<VolumeSnapshot> planned = taken("thick");
        lvm.layered.add("thick");
        assertThat(driver("thick").update(planned)).isEqualTo(new AlreadyDone());
        assertThat(lvm.layered).containsExactly("thick");

        lvm.volumes.remove(SNAPSHOT);
        assertThat(driver("thick").discard(planned)).isEqualTo(new Done());
        assertThat(lvm.layered).isEmpty();
    }

    @Test
    void a_volume_that_did_not_become_a_snapshot_lets_go_of_the_layer_below_the_origin() {
        List<VolumeSnapshot> planned = plan(driver("thick"), "thick");
        driver("thick").prepare(planned);
        lvm.suspended.add("vg-thick");
        lvm.layered.add("thick");
        lvm.loaded.add(SNAPSHOT);
        assertThat(driver("thick").resume(planned)).isEqualTo(new Done());
        assertThat(lvm.suspended).isEmpty();
        assertThat(lvm.layered).isEmpty();

        lvm.layered.add("thick");
        lvm.loaded.add("somebody");
        assertThat(driver("thick").resume(planned))
                .isInstanceOf(Indeterminate.class)
                .extracting(Outcome::because)
                .asString()
                .contains("vg-thick-real", "used by another device");
    }

    @Test
    void what_is_suspended_by_others_is_left_alone() {
        List<VolumeSnapshot> planned = taken("thin");
        lvm.suspended.add("vg-other");
        lvm.given.clear();
        assertThat(driver("thin").update(planned)).isEqualTo(new AlreadyDone());
        assertThat(lvm.changes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void a_run_is_taken_back_as_often_as_one_likes(String kind) {
        List<VolumeSnapshot> planned = taken(kind);
        assertThat(driver(kind).discard(planned)).isEqualTo(new Done());
        assertThat(lvm.changes()).last().isEqualTo(ONLY_OURS);
        assertThat(driver(kind).discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(lvm.volumes).doesNotContainKey(SNAPSHOT).containsKeys("thick", "thin");
    }

    @Test
    void devices_that_only_the_kernel_knows_any_more_are_taken_down_the_upper_one_first() {
        List<VolumeSnapshot> planned = plan(driver("thick"), "thick");
        String device = "vg-" + SNAPSHOT.replace("-", "--");
        lvm.strays.addAll(List.of(device, device + "-cow", "vg-somebody"));

        driver("thick").discard(planned);

        assertThat(lvm.strays).containsExactly("vg-somebody");
        assertThat(lvm.changes()).containsExactly("dmsetup remove " + device, "dmsetup remove " + device + "-cow");
    }

    @Test
    void one_of_several_that_fails_leaves_the_others_to_be_found() {
        StorageDriver driver = driver("thin");
        List<VolumeSnapshot> planned = driver.plan(LABEL, List.of(volume("vda", "thin"), volume("vdb", "other")));
        driver.prepare(planned);
        lvm.volumes.remove("other");

        assertThat(driver.create(planned)).isInstanceOf(Indeterminate.class);
        assertThat(driver.find(planned)).isEqualTo(Presence.PARTIAL);
        assertThat(driver.verify(planned)).isInstanceOf(Refused.class);
    }

    @Test
    void a_group_without_room_is_refused_before_the_window() {
        lvm.free = MIB;
        assertThat(driver("thick").prepare(plan(driver("thick"), "thick")))
                .isEqualTo(new Refused("Volume group \"vg\" has insufficient free space"));
    }

    @Test
    void a_snapshot_that_overflowed_is_not_verified() {
        List<VolumeSnapshot> planned = taken("thick");
        lvm.volumes.get(SNAPSHOT).with("lv_snapshot_invalid", "snapshot invalid");
        assertThat(driver("thick").verify(planned)).isInstanceOf(Refused.class);
        assertThat(driver("thick").discard(planned)).isEqualTo(new Done());
    }

    @Test
    void many_snapshots_are_looked_at_with_one_question() {
        VolumeSnapshot thick = taken("thick").get(0);
        lvm.given.clear();
        SnapshotStore store = thickStore().glance();
        for (int i = 0; i < 50; i++) {
            assertThat(store.condition(thick)).isInstanceOf(Condition.Present.class);
        }
        assertThat(lvm.given).hasSize(1);
    }

    @Test
    void many_thin_snapshots_are_looked_at_with_one_question_to_LVM_and_one_to_the_kernel() {
        VolumeSnapshot thin = taken("thin").get(0);
        lvm.given.clear();
        SnapshotStore store = store().glance();
        for (int i = 0; i < 50; i++) {
            assertThat(store.condition(thin)).isInstanceOf(Condition.Present.class);
        }
        assertThat(lvm.given).hasSize(2);
    }

    @Test
    void a_look_at_many_remembers_no_list_that_is_not_whole() {
        VolumeSnapshot thin = taken("thin").get(0);
        lvm.vanishing = 1;
        assertThat(store().glance().condition(thin)).isInstanceOf(Condition.Present.class);
    }

    @Test
    void whoever_looks_at_a_volume_for_a_moment_keeps_it_from_nothing() {
        VolumeSnapshot snapshot = taken("thin").get(0);
        lvm.lookedAt.add("thin");
        assertThat(new Origins(new Lvm(lvm), devices).idle("/dev/vg/thin").isOpen())
                .isFalse();
        assertThat(store().open(snapshot)).isInstanceOf(View.Opened.class);
        lvm.lookedAt.add(SNAPSHOT);
        assertThat(store().close(snapshot)).isEqualTo(new Done());
        lvm.lookedAt.add(SNAPSHOT);
        assertThat(store().planRemoval(snapshot, Relatives.NONE)).isInstanceOf(Plan.Ready.class);
    }

    @Test
    void whoever_keeps_a_volume_open_stands_in_the_way() {
        VolumeSnapshot snapshot = taken("thin").get(0);
        lvm.volumes.get("thin").with("lv_device_open", "open");
        assertThat(store().planRevert(snapshot, "sf-0000000000cc"))
                .isEqualTo(new Plan.Refused("/dev/vg/thin is in use", "see 'lvs vg/%s'".formatted(SNAPSHOT)));
        lvm.volumes.get(SNAPSHOT).with("lv_device_open", "open");
        assertThat(store().planRemoval(snapshot, Relatives.NONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo("vg/%s is being read".formatted(SNAPSHOT)));
    }

    @Test
    void a_group_that_is_not_there_leaves_it_open() {
        List<VolumeSnapshot> planned = taken("thin");
        lvm.groupIsThere = false;
        assertThat(driver("thin").discard(planned)).isInstanceOf(Indeterminate.class);
    }

    private List<VolumeSnapshot> taken(String kind) {
        StorageDriver driver = driver(kind);
        List<VolumeSnapshot> planned = plan(driver, kind);
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        assertThat(driver.create(planned)).isEqualTo(new Done());
        return planned;
    }

    private static List<VolumeSnapshot> plan(StorageDriver driver, String name) {
        return driver.plan(LABEL, List.of(volume("vda", name)));
    }

    private static Volume volume(String disk, String name) {
        return new Volume(disk, "block", "/dev/vg/" + name, "raw", 1, true, "none");
    }

    /** As one that was planned: what has come to stand against it meanwhile is found then. */
    private Outcome remove(VolumeSnapshot snapshot) {
        Change change = new Change(snapshot.disk(), snapshot.snapshot(), snapshot.snapshot(), snapshot.format());
        return thickStore().remove(snapshot, change, Relatives.NONE, Meter.NONE);
    }

    private SnapshotStore thickStore() {
        return new LvmThickStore(new Lvm(lvm), devices, "uuid");
    }

    private SnapshotStore store() {
        return new LvmThinStore(new Lvm(lvm), devices, "uuid", new LvmThinDriver.Limits(0.8, 0.8, 0.5));
    }

    private StorageDriver driver(String kind) {
        return kind.equals("thick")
                ? new LvmThickDriver(
                        new Lvm(lvm), devices, "uuid", new LvmThickDriver.Limits(new CowSize.Bytes(20 * MIB), 0.8))
                : new LvmThinDriver(new Lvm(lvm), devices, "uuid", new LvmThinDriver.Limits(0.8, 0.8, 0.5));
    }
}
