package io.stillframe.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LvmRevertTest {
    private static final String SNAPSHOT = "sf-0123456789ab.vda";
    private static final long MIB = 1 << 20;
    private static final LvmThinDriver.Limits THIN = new LvmThinDriver.Limits(0.8, 0.8, 0.5);

    private final FakeLvm lvm = new FakeLvm();
    private final FakeDevices devices = new FakeDevices();

    @BeforeEach
    void volumes() {
        lvm.thick("thick", 100 * MIB);
        lvm.pool("pool", 10, 20);
        lvm.thin("thin", 100 * MIB, "pool").tags.add("keep");
    }

    @Test
    void a_thin_volumes_name_goes_to_a_new_snapshot_of_the_snapshot() {
        VolumeSnapshot snapshot = taken("thin");
        assertThat(revert(snapshot)).isEqualTo(new Done());
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT);
        assertThat(lvm.volumes.get("thin").get("origin")).isEqualTo(SNAPSHOT);
        assertPlain(snapshot);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void a_thin_revert_that_is_given_up_wherever_it_was_killed_leaves_the_machine_its_volume(int victim) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.killed = nth(victim);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.killed = argv -> false;

        assertThat(giveUp(snapshot).settled()).isTrue();
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT);
        assertPlain(snapshot);
        assertThat(giveUp(snapshot)).isEqualTo(new AlreadyDone());

        assertThat(revert(snapshot)).isEqualTo(new Done());
        assertThat(lvm.volumes.get("thin").get("origin")).as("a later revert").isEqualTo(SNAPSHOT);
        assertThat(remove(snapshot)).isEqualTo(new Done());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void a_thin_revert_is_carried_through_wherever_it_was_killed(int victim) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.killed = nth(victim);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.killed = argv -> false;
        assertThat(revert(snapshot).settled()).isTrue();
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT);
        assertThat(lvm.volumes.get("thin").get("origin")).isEqualTo(SNAPSHOT);
        assertPlain(snapshot);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void a_thin_revert_that_is_refused_leaves_nothing_of_it_behind(int victim) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.refused = nth(victim);
        assertThat(revert(snapshot)).isInstanceOf(Refused.class);
        lvm.refused = argv -> false;
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT);
        assertThat(lvm.volumes.get("thin").get("origin")).isEmpty();
        assertPlain(snapshot);
    }

    /** After the renames: what is refused then concerns only what the revert leaves behind. */
    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7})
    void a_thin_revert_whose_cleaning_up_is_refused_is_not_called_refused_and_is_carried_through(int victim) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.refused = nth(victim);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.refused = argv -> false;
        assertThat(lvm.volumes.get("thin").get("origin")).isEqualTo(SNAPSHOT);

        assertThat(revert(snapshot).settled()).isTrue();
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT);
        assertPlain(snapshot);
    }

    /** LVM writes down the new name first: what is refused after that was done all the same. */
    @ParameterizedTest
    @ValueSource(strings = {".old", "thin"})
    void a_rename_that_is_refused_when_it_is_written_down_is_carried_through(String to) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.unresumed = renames(to);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.unresumed = argv -> false;
        assertThat(lvm.volumes).containsKey(SNAPSHOT + ".old");

        assertThat(revert(snapshot).settled()).isTrue();
        assertReverted(snapshot);
    }

    @ParameterizedTest
    @ValueSource(strings = {".old", "thin"})
    void what_a_killed_rename_left_suspended_under_its_former_name_goes_on_with_the_revert(String to) {
        VolumeSnapshot snapshot = taken("thin");
        killedUnresumed(snapshot, to);
        assertThat(revert(snapshot).settled()).isTrue();
        assertReverted(snapshot);
    }

    @ParameterizedTest
    @ValueSource(strings = {".old", "thin"})
    void what_a_killed_rename_left_suspended_under_its_former_name_goes_on_when_the_revert_is_given_up(String to) {
        VolumeSnapshot snapshot = taken("thin");
        killedUnresumed(snapshot, to);
        assertThat(giveUp(snapshot).settled()).isTrue();
        assertThat(lvm.suspended).isEmpty();
        assertThat(lvm.device("thin")).isEqualTo("vg-thin");
        assertPlain(snapshot);
    }

    @Test
    void a_device_that_keeps_the_machines_name_from_the_new_volume_is_renamed_first() {
        VolumeSnapshot snapshot = taken("thin");
        killedUnresumed(snapshot, ".old");
        lvm.run(List.of("lvrename", "vg", SNAPSHOT + ".new", "thin"), Duration.ZERO);
        assertThat(lvm.suspended).hasSize(2);
        assertThat(revert(snapshot).settled()).isTrue();
        assertReverted(snapshot);
    }

    @Test
    void a_volume_that_was_suspended_for_a_rename_which_was_never_made_goes_on_when_the_revert_is_given_up() {
        VolumeSnapshot snapshot = taken("thin");
        lvm.killed = nth(3);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.killed = argv -> false;
        lvm.suspended.add("vg-thin");
        assertThat(giveUp(snapshot).settled()).isTrue();
        assertThat(lvm.suspended).isEmpty();
        assertPlain(snapshot);
    }

    /** Killed between the two renames: the machine has no volume of its name, and somebody makes one. */
    @Test
    void a_swap_is_neither_finished_nor_given_up_on_a_volume_that_took_the_machines_name() {
        VolumeSnapshot snapshot = taken("thin");
        lvm.killed = nth(4);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.killed = argv -> false;
        assertThat(lvm.volumes).doesNotContainKey("thin").containsKeys(SNAPSHOT + ".new", SNAPSHOT + ".old");
        lvm.thin("thin", 100 * MIB, "pool").tags.add("theirs");

        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        assertThat(giveUp(snapshot)).isInstanceOf(Indeterminate.class);
        assertThat(lvm.volumes)
                .containsOnlyKeys("thick", "pool", "thin", SNAPSHOT, SNAPSHOT + ".new", SNAPSHOT + ".old");

        lvm.volumes.put("theirs", lvm.volumes.remove("thin"));
        assertThat(revert(snapshot).settled()).isTrue();
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", "theirs", SNAPSHOT);
        assertPlain(snapshot);
    }

    @ParameterizedTest
    @ValueSource(strings = {"public,origin,thickorigin", "public,origin,thinorigin,extthinorigin"})
    void a_snapshot_that_somebody_made_another_volume_of_is_not_removed_with_it(String role) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.volumes.get(SNAPSHOT).with("lv_role", role);
        assertThat(remove(snapshot))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.reason()).contains("LVM would remove that with it"));
        assertThat(lvm.volumes).containsKey(SNAPSHOT);
    }

    /** Whoever has the volume by now, or has grown it, finds it as it was. */
    @Test
    void a_thick_revert_that_goes_on_does_not_write_to_what_is_in_use_or_another_volume_by_now() {
        VolumeSnapshot snapshot = taken("thick");
        assertThat(revert(snapshot)).as("no such device here").isInstanceOf(Indeterminate.class);
        FakeLvm.Fake origin = lvm.volumes.get("thick");

        origin.with("lv_device_open", "open");
        assertThat(revert(snapshot).because()).contains("vg/thick is in use");
        origin.with("lv_device_open", "").with("lv_size", String.valueOf(200 * MIB));
        assertThat(revert(snapshot).because()).contains("is not what").contains("was taken of any more");
        lvm.volumes.put("renamed", lvm.volumes.remove("thick").with("lv_size", String.valueOf(100 * MIB)));
        lvm.volumes.get(SNAPSHOT).with("origin", "renamed");
        lvm.thick("thick", 100 * MIB);
        assertThat(revert(snapshot).because()).contains("is not what");
    }

    @ParameterizedTest
    @ValueSource(strings = {".new", ".old"})
    void what_somebody_else_has_beside_the_snapshot_is_neither_taken_for_a_swap_nor_removed(String ending) {
        VolumeSnapshot snapshot = taken("thin");
        lvm.thin(SNAPSHOT + ending, 100 * MIB, "pool").tags.add("theirs");
        assertThat(revert(snapshot)).isInstanceOf(Refused.class);
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT, SNAPSHOT + ending);
        assertThat(lvm.volumes.get("thin").get("origin")).isEmpty();
        assertThat(lvm.volumes.get(SNAPSHOT + ending).tags).isEqualTo(Set.of("theirs"));
        assertPlain(snapshot);
    }

    @Test
    void what_is_refused_and_cannot_be_taken_back_either_is_not_called_refused() {
        VolumeSnapshot snapshot = taken("thin");
        // as soon as the new volume is there
        lvm.refused = argv -> !argv.get(0).equals("lvs") && lvm.volumes.containsKey(SNAPSHOT + ".new");
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
    }

    @Test
    void a_thick_revert_that_is_given_up_lets_its_snapshot_be_deleted() {
        VolumeSnapshot snapshot = taken("thick");
        assertThat(revert(snapshot)).as("no such device here").isInstanceOf(Indeterminate.class);
        assertThat(store(snapshot).planRemoval(snapshot, Relatives.NONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).contains("has to be carried through"));
        lvm.refused = argv -> argv.contains("--deltag");
        assertThat(giveUp(snapshot).because())
                .endsWith("('lvchange --deltag stillframe.reverting vg/" + SNAPSHOT + "')");
        lvm.refused = argv -> false;
        assertThat(giveUp(snapshot)).isEqualTo(new Done());
        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertThat(lvm.volumes).containsKey("thick").doesNotContainKey(SNAPSHOT);
    }

    @Test
    void a_room_that_may_not_have_been_wiped_is_made_anew() {
        StorageDriver driver = driver("thick");
        List<VolumeSnapshot> planned = plan(driver, "thick");
        lvm.lost = argv -> argv.get(0).equals("lvcreate");
        assertThat(driver.prepare(planned).settled()).isFalse();
        lvm.lost = argv -> false;
        FakeLvm.Fake first = lvm.volumes.get(SNAPSHOT);
        assertThat(driver("thick").prepare(planned)).isEqualTo(new Done());
        assertThat(lvm.volumes.get(SNAPSHOT)).isNotSameAs(first);
        FakeLvm.Fake whole = lvm.volumes.get(SNAPSHOT);
        assertThat(driver("thick").prepare(planned)).isEqualTo(new Done());
        assertThat(lvm.volumes.get(SNAPSHOT)).isSameAs(whole);
    }

    private void killedUnresumed(VolumeSnapshot snapshot, String to) {
        lvm.unresumed = renames(to);
        lvm.lost = renames(to);
        assertThat(revert(snapshot)).isInstanceOf(Indeterminate.class);
        lvm.unresumed = argv -> false;
        lvm.lost = argv -> false;
        assertThat(lvm.suspended).hasSize(1);
    }

    private static Predicate<List<String>> renames(String to) {
        return argv ->
                argv.get(0).equals("lvrename") && argv.get(argv.size() - 1).endsWith(to);
    }

    private void assertReverted(VolumeSnapshot snapshot) {
        assertThat(lvm.volumes).containsOnlyKeys("thick", "pool", "thin", SNAPSHOT);
        assertThat(lvm.volumes.get("thin").get("origin")).isEqualTo(SNAPSHOT);
        assertThat(lvm.suspended).isEmpty();
        assertThat(lvm.device("thin")).isEqualTo("vg-thin");
        assertPlain(snapshot);
    }

    /** Only the tags of others are on the machine's volume, and none of a revert on the snapshot. */
    private void assertPlain(VolumeSnapshot snapshot) {
        assertThat(lvm.volumes.get("thin").tags).isEqualTo(Set.of("keep"));
        assertThat(lvm.volumes.get(SNAPSHOT).tags).doesNotContain(Mark.REVERTING);
        assertThat(store(snapshot).planRemoval(snapshot, Relatives.NONE)).isInstanceOf(Plan.Ready.class);
    }

    /** The n-th command that changes something, from 0. */
    private static Predicate<List<String>> nth(int victim) {
        int[] seen = {0};
        return argv -> !List.of("lvs", "lvmconfig", "dmsetup").contains(argv.get(0)) && seen[0]++ == victim;
    }

    private Outcome revert(VolumeSnapshot snapshot) {
        return store(snapshot).revert(snapshot, inPlace(snapshot), Meter.NONE);
    }

    private Outcome giveUp(VolumeSnapshot snapshot) {
        return store(snapshot).giveUpRevert(snapshot, inPlace(snapshot));
    }

    private Outcome remove(VolumeSnapshot snapshot) {
        Plan plan = store(snapshot).planRemoval(snapshot, Relatives.NONE);
        assertThat(plan).isInstanceOf(Plan.Ready.class);
        return store(snapshot).remove(snapshot, ((Plan.Ready) plan).change(), Relatives.NONE, Meter.NONE);
    }

    private static Change inPlace(VolumeSnapshot snapshot) {
        return new Change(snapshot.disk(), snapshot.active(), snapshot.active(), snapshot.format());
    }

    private VolumeSnapshot taken(String name) {
        StorageDriver driver = driver(name);
        List<VolumeSnapshot> planned = plan(driver, name);
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        assertThat(driver.create(planned)).isEqualTo(new Done());
        return planned.get(0);
    }

    private static List<VolumeSnapshot> plan(StorageDriver driver, String name) {
        return driver.plan(
                "sf-0123456789ab", List.of(new Volume("vda", "block", "/dev/vg/" + name, "raw", 1, true, "none")));
    }

    private SnapshotStore store(VolumeSnapshot snapshot) {
        return snapshot.driver().equals("lvm-thick")
                ? new LvmThickStore(new Lvm(lvm), devices, "uuid")
                : new LvmThinStore(new Lvm(lvm), devices, "uuid", THIN);
    }

    private StorageDriver driver(String name) {
        return name.equals("thick")
                ? new LvmThickDriver(
                        new Lvm(lvm), devices, "uuid", new LvmThickDriver.Limits(new CowSize.Bytes(20 * MIB), 0.8))
                : new LvmThinDriver(new Lvm(lvm), devices, "uuid", THIN);
    }
}
