package io.stillframe.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stillframe.storage.exec.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What LVM 2.03.16 and dmsetup 1.02.185 printed on Debian 12 for the questions that we ask. */
class LvmOutputTest {
    private final List<LogicalVolume> volumes = LvsReport.parse(resource("lvs-2.03.16.json"));

    @Test
    void an_origin_is_told_from_its_snapshots() {
        LogicalVolume origin = volume("cap-data");
        assertThat(origin.isThickSnapshot()).isFalse();
        assertThat(origin.isThin()).isFalse();
        assertThat(origin.isReadOnly()).isFalse();
        assertThat(origin.size()).isEqualTo(32 << 20);
        assertThat(origin.isAt("/dev/sflab/cap-data")).isTrue();
        assertThat(origin.isAt("/dev/mapper/sflab-cap--data")).isTrue();
        assertThat(volume("cap-snap").isSnapshotOf(origin.name())).isTrue();
        assertThat(volume("cap-snap").readable()).isEqualTo(origin.size());
        assertThat(volume("cap-snap").size()).isEqualTo(8 << 20);
        assertThat(volume("cap-snap").fill()).hasValueCloseTo(0.6284, within(1e-9));
    }

    @Test
    void one_that_overflowed_is_invalid_and_no_other() {
        assertThat(volumes.stream()
                        .filter(LogicalVolume::isInvalid)
                        .map(volume -> volume.name().volume()))
                .containsExactly("cap-lost");
    }

    @Test
    void a_thin_volume_is_told_from_its_pool() {
        LogicalVolume thin = volume("cap-thin");
        assertThat(thin.isThin()).isTrue();
        assertThat(thin.pool()).isEqualTo("pool");
        assertThat(thin.tags()).containsExactly("stillframe", "stillframe.disk=vda");
        assertThat(volume("pool").isThin()).isFalse();
        assertThat(volume("pool_tdata").isThin()).isFalse();
        assertThat(volume("pool").metadataFill()).isPresent();
        assertThat(volume("pool").metadataThreshold()).isEqualTo(0.75);
        LogicalVolume snapshot = volume("cap-thin-snap");
        assertThat(snapshot.isActive()).isFalse();
        assertThat(snapshot.isSnapshotOf(thin.name())).isTrue();
        assertThat(snapshot.isThickSnapshot()).isFalse();
        assertThat(snapshot.thinId()).isEqualTo("2");
    }

    @Test
    void a_pool_has_counted_further_than_what_it_has_made() {
        Map<String, OptionalLong> transactions = ThinStatus.parse(resource("dmsetup-status-thin-1.02.185.txt"));
        assertThat(transactions)
                .containsEntry("sflab-pool-tpool", OptionalLong.of(6))
                .containsEntry("sflab-sfconfpool-tpool", OptionalLong.of(1));
        assertThat(volume("cap-thin").transaction()).isEqualTo(4);
        assertThat(volume("cap-thin-snap").transaction()).isEqualTo(5);
    }

    @Test
    void a_pool_that_has_failed_tells_no_number_and_something_else_is_no_status() {
        assertThat(ThinStatus.parse("vg-pool-tpool: 0 10485760 thin-pool Fail\n"))
                .containsEntry("vg-pool-tpool", OptionalLong.empty());
        assertThat(ThinStatus.parse("No devices found\n")).isEmpty();
        assertThatThrownBy(() -> ThinStatus.parse("vg-pool: 0 1 linear\n")).isInstanceOf(CommandException.class);
    }

    @Test
    void the_devices_of_a_volume_bear_its_uuid() {
        List<MappedDevice> devices = MappedDevice.parse(resource("dmsetup-info-1.02.185.txt"));
        String uuid = volume("cap-data").mappedUuid();
        assertThat(devices).noneMatch(MappedDevice::suspended);
        assertThat(devices.stream()
                        .filter(device -> device.uuid().startsWith(uuid))
                        .map(MappedDevice::name))
                .containsExactly("sflab-cap--data", "sflab-cap--data-real");
        assertThat(volume("cap-snap").name().devices())
                .isSubsetOf(devices.stream().map(MappedDevice::name).toList());
    }

    private LogicalVolume volume(String name) {
        return volumes.stream()
                .filter(volume -> volume.name().equals(new VolumeName("sflab", name)))
                .findFirst()
                .orElseThrow();
    }

    private static String resource(String name) {
        try (InputStream stream = LvmOutputTest.class.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
