package io.stillframe.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Probe;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LvmProbeTest {
    private static final long MIB = 1 << 20;

    private final FakeLvm lvm = new FakeLvm();
    private final FakeDevices devices = new FakeDevices();

    @BeforeEach
    void volumes() {
        lvm.thick("db-1", 100 * MIB);
        lvm.pool("pool", 10, 20);
        lvm.thin("web", 100 * MIB, "pool");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/vg/db-1", "/dev/mapper/vg-db--1", "/dev/disk/by-id/dm-name-vg-db--1"})
    void a_volume_is_found_by_any_path_that_leads_to_it(String path) {
        lvm.volumes.get("db-1").with("lv_kernel_major", "253").with("lv_kernel_minor", "7");
        devices.numbers.put("/dev/disk/by-id/dm-name-vg-db--1", "253:7");

        assertThat(thick().probe(on(path))).isEqualTo(new Probe.Usable(List.of()));
        assertThat(thin().probe(on(path))).isEqualTo(new Probe.NotMine());
        assertThat(thick().plan("sf-0123456789ab", List.of(on(path))).get(0).snapshot())
                .isEqualTo("vg/sf-0123456789ab.vda");
    }

    @Test
    void thin_volumes_are_the_other_drivers() {
        assertThat(thin().probe(on("/dev/vg/web"))).isEqualTo(new Probe.Usable(List.of()));
        assertThat(thick().probe(on("/dev/vg/web"))).isEqualTo(new Probe.NotMine());
    }

    @ParameterizedTest
    @CsvSource({"file, /images/a.img", "network, /dev/vg/db-1", "block, /dev/sdb", "block, ''", "block, /dev/zvol/p/a"})
    void other_backends_are_another_drivers(String kind, String path) {
        Volume volume = new Volume("vda", kind, path, "raw", 1, true, "none");
        assertThat(thick().probe(volume)).isEqualTo(new Probe.NotMine());
        assertThat(thin().probe(volume)).isEqualTo(new Probe.NotMine());
    }

    @Test
    void a_volume_given_as_a_file_is_one_as_well() {
        assertThat(thick().probe(new Volume("vda", "file", "/dev/vg/db-1", "raw", 1, true, "none")))
                .isInstanceOf(Probe.Usable.class);
    }

    @Test
    void of_what_is_no_mapped_device_LVM_is_not_asked() {
        devices.others.add("/dev/sdb");
        assertThat(thick().probe(on("/dev/sdb"))).isEqualTo(new Probe.NotMine());
        assertThat(lvm.given).isEmpty();
    }

    @Test
    void where_LVM_does_not_answer_only_mapped_devices_may_be_its() {
        lvm.groupIsThere = false;
        assertThat(thick().probe(on("/dev/sdb"))).isEqualTo(new Probe.NotMine());
        assertUnusable(on("/dev/mapper/vg-db--1"), "LVM does not tell");
    }

    @Test
    void what_is_shared_or_holds_another_format_is_refused() {
        assertUnusable(new Volume("vda", "block", "/dev/vg/db-1", "raw", 1, false, "none"), "shared");
        assertUnusable(new Volume("vda", "block", "/dev/vg/db-1", "qcow2", 1, true, "none"), "format qcow2");
    }

    @ParameterizedTest
    @CsvSource({
        "vg_shared, shared, shared with other hosts",
        "vg_clustered, clustered, shared with other hosts",
        "vg_exported, exported, exported",
        "vg_partial, partial, misses a physical volume",
        "lv_merging, merging, merging",
        "lv_health_status, partial, wrong with it",
        "lv_layout, 'cache', 'it is cache, public'",
        "lv_role, 'public,snapshot,thicksnapshot', takes no snapshot of it",
        "lv_role, 'private,thin,pool,data', takes no snapshot of it"
    })
    void what_LVM_cannot_take_a_snapshot_of_is_refused(String field, String value, String reason) {
        lvm.volumes.get("db-1").with(field, value);
        assertUnusable(on("/dev/vg/db-1"), reason);
    }

    @Test
    void raid_is_as_good_as_plain() {
        lvm.volumes.get("db-1").with("lv_layout", "raid,raid1");
        assertThat(thick().probe(on("/dev/vg/db-1"))).isInstanceOf(Probe.Usable.class);
    }

    @Test
    void a_group_without_room_is_refused_with_numbers() {
        lvm.free = 24 * MIB;
        assertThat(thick().probe(on("/dev/vg/db-1"))).isInstanceOf(Probe.Usable.class);
        lvm.free = 24 * MIB - 1;
        assertUnusable(on("/dev/vg/db-1"), "vg has 23 MiB free, 24 MiB are needed");
    }

    @ParameterizedTest
    @CsvSource({
        "80.0, 20, ''",
        "80.1, 20, 'the data of its pool vg/pool are filled to 80.1 %, 80.0 % are allowed'",
        "10, 70.1, 'the metadata of its pool vg/pool are filled to 70.1 %, 70.0 % are allowed'"
    })
    void a_pool_that_is_too_full_is_refused_with_numbers(double data, double metadata, String reason) {
        lvm.pool("pool", data, metadata);
        Probe probe = thin().probe(on("/dev/vg/web"));
        if (reason.isEmpty()) {
            assertThat(probe).isInstanceOf(Probe.Usable.class);
        } else {
            assertThat(((Probe.Unusable) probe).reason()).isEqualTo(reason);
        }
    }

    /** LVM wants a quarter of the metadata to be free, and of more than 16 MiB only 4 MiB. */
    @ParameterizedTest
    @CsvSource({"8388608, 75.0, 75", "67108864, 93.8, 93.75"})
    void what_lvm_itself_would_refuse_with_the_guest_frozen_is_refused_before(
            long size, double full, double threshold) {
        LvmThinDriver generous =
                new LvmThinDriver(new Lvm(lvm), devices, "uuid", new LvmThinDriver.Limits(0.95, 0.95, 0.8));
        lvm.pool("pool", 10, threshold - 0.01).with("lv_metadata_size", String.valueOf(size));
        assertThat(generous.probe(on("/dev/vg/web"))).isInstanceOf(Probe.Usable.class);
        lvm.pool("pool", 10, threshold).with("lv_metadata_size", String.valueOf(size));
        assertThat(((Probe.Unusable) generous.probe(on("/dev/vg/web"))).reason())
                .isEqualTo(
                        "the metadata of its pool vg/pool are filled to %.1f %%, LVM makes no more volumes from %.1f %% on"
                                .formatted(full, full));
    }

    @Test
    void a_pool_that_waits_to_be_extended_by_LVM_takes_no_snapshot() {
        lvm.autoextendThreshold = 70;
        lvm.pool("pool", 69.9, 59.9);
        assertThat(thin().probe(on("/dev/vg/web"))).isInstanceOf(Probe.Usable.class);
        lvm.pool("pool", 70.1, 10);
        assertThat(((Probe.Unusable) thin().probe(on("/dev/vg/web"))).reason())
                .isEqualTo(
                        "the data of its pool vg/pool are filled to 70.1 %, LVM makes no more volumes from 70.0 % on");
        lvm.autoextendThreshold = 60;
        lvm.pool("pool", 10, 60.1);
        assertThat(((Probe.Unusable) thin().probe(on("/dev/vg/web"))).reason())
                .isEqualTo(
                        "the metadata of its pool vg/pool are filled to 60.1 %, LVM makes no more volumes from 60.0 % on");
    }

    @Test
    void a_pool_that_LVM_finds_something_wrong_with_is_refused() {
        lvm.volumes.get("pool").with("lv_health_status", "out_of_data");
        assertThat(((Probe.Unusable) thin().probe(on("/dev/vg/web"))).reason()).contains("out_of_data");
    }

    @Test
    void a_name_that_is_too_long_is_refused_before_anything_is_touched() {
        String longest = "n".repeat(127 - "vg-".length() - "-real".length());
        lvm.thick(longest, MIB);
        lvm.thick(longest + "n", MIB);
        assertThat(thick().probe(on("/dev/vg/" + longest))).isInstanceOf(Probe.Usable.class);
        assertUnusable(on("/dev/vg/" + longest + "n"), "names of 128 bytes, 127 are possible");
        assertThat(lvm.changes()).isEmpty();
    }

    @Test
    void a_pool_that_fills_is_told_before_it_is_too_full() {
        lvm.pool("pool", 50, 49.9);
        assertThat(thin().probe(on("/dev/vg/web")))
                .isEqualTo(new Probe.Usable(
                        List.of("the data of its pool vg/pool are filled to 50.0 %, 80.0 % are allowed")));
        lvm.pool("pool", 49.9, 60);
        assertThat(thin().probe(on("/dev/vg/web")))
                .isEqualTo(new Probe.Usable(
                        List.of("the metadata of its pool vg/pool are filled to 60.0 %, 70.0 % are allowed")));
    }

    @Test
    void an_earlier_snapshot_that_fills_is_told_and_one_that_is_lost_no_more() {
        FakeLvm.Fake earlier = lvm.thick("earlier", 8 * MIB)
                .with("lv_role", "public,snapshot,thicksnapshot")
                .with("origin", "db-1")
                .with("data_percent", "50.00");
        assertThat(thick().probe(on("/dev/vg/db-1")))
                .isEqualTo(
                        new Probe.Usable(List.of("its snapshot vg/earlier is 50 % full, and is lost when it is full")));
        earlier.with("data_percent", "100.00").with("lv_snapshot_invalid", "snapshot invalid");
        assertThat(thick().probe(on("/dev/vg/db-1"))).isEqualTo(new Probe.Usable(List.of()));
    }

    @Test
    void dropped_flushes_are_warned_of_and_QEMU_is_paused() {
        Volume unsafe = new Volume("vda", "block", "/dev/vg/db-1", "raw", 1, true, "unsafe");
        assertThat(((Probe.Usable) thick().probe(unsafe)).warnings()).hasSize(1);
        assertThat(thick().plan("sf-0123456789ab", List.of(unsafe)).get(0).quiesce())
                .isEqualTo(Quiesce.PAUSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "writeback", "writethrough", "directsync", "default"})
    void all_other_cache_modes_need_nothing(String cache) {
        Volume volume = new Volume("vda", "block", "/dev/vg/web", "raw", 1, true, cache);
        assertThat(thin().plan("sf-0123456789ab", List.of(volume)).get(0).quiesce())
                .isEqualTo(Quiesce.NOTHING);
    }

    private void assertUnusable(Volume volume, String reason) {
        Probe probe = thick().probe(volume);
        assertThat(probe).isInstanceOf(Probe.Unusable.class);
        assertThat(((Probe.Unusable) probe).reason()).contains(reason);
        assertThat(((Probe.Unusable) probe).hint()).isNotBlank();
    }

    private StorageDriver thick() {
        return new LvmThickDriver(
                new Lvm(lvm), devices, "uuid", new LvmThickDriver.Limits(new CowSize.Percent(20), 0.5));
    }

    private StorageDriver thin() {
        return new LvmThinDriver(new Lvm(lvm), devices, "uuid", new LvmThinDriver.Limits(0.8, 0.7, 0.5));
    }

    private static Volume on(String path) {
        return new Volume("vda", "block", path, "raw", 1, true, "none");
    }
}
