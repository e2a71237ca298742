package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Probe;
import io.stillframe.storage.Volume;
import io.stillframe.storage.zfs.FakeZfs.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZfsProbeTest {
    private static final long GIB = 1L << 30;

    private FakeHost fake;
    private FakeZfs zfs;
    private ZfsDriver.Limits limits = new ZfsDriver.Limits(GIB, 80, 95);

    @BeforeEach
    void aHost(@TempDir Path directory) throws Exception {
        fake = new FakeHost(directory);
        zfs = fake.zfs;
    }

    @Test
    void a_zvol_is_known_by_its_link_and_by_any_other() throws Exception {
        fake.zvol("vda", "tank/a");
        Volume zvol = fake.zvol("vdb", "tank/vms/two words");
        assertThat(zvol.source()).endsWith("/zvol/tank/vms/two+words");
        assertThat(probe(zvol)).isEqualTo(new Probe.Usable(List.of()));
        Path link = Files.createSymbolicLink(fake.images.resolve("link"), Path.of(zvol.source()));
        assertThat(probe(at("block", link))).isEqualTo(new Probe.Usable(List.of()));
        assertThat(probe(at("file", Path.of(zvol.source())))).isEqualTo(new Probe.Usable(List.of()));
    }

    @Test
    void a_node_whose_number_changes_is_warned_of() throws Exception {
        Path node = Path.of(fake.zvol("vda", "tank/a").source()).toRealPath();
        assertThat(probe(at("block", node)))
                .isInstanceOfSatisfying(
                        Probe.Usable.class,
                        usable -> assertThat(usable.warnings())
                                .singleElement()
                                .asString()
                                .contains("may be another zvol after a reboot"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2"})
    void an_image_on_a_dataset_is_usable(String format) throws Exception {
        assertThat(probe(fake.file("vda", "a.img", format))).isEqualTo(new Probe.Usable(List.of()));
    }

    @Test
    void dropped_flushes_are_warned_of() throws Exception {
        Volume image = fake.file("vda", "a.img", "raw");
        Volume unsafe = new Volume("vda", image.kind(), image.source(), image.format(), 1, true, "unsafe");
        assertThat(((Probe.Usable) probe(unsafe)).warnings())
                .singleElement()
                .asString()
                .contains("cache=unsafe");
    }

    @Test
    void a_link_to_an_image_on_a_dataset_is_that_image(@TempDir Path elsewhere) throws Exception {
        Path link = Files.createSymbolicLink(
                elsewhere.resolve("a.img"),
                Path.of(fake.file("vda", "a.img", "raw").source()));
        assertThat(probe(at("file", link))).isEqualTo(new Probe.Usable(List.of()));
    }

    @Test
    void what_lies_elsewhere_is_another_drivers_and_costs_no_command(@TempDir Path elsewhere) throws Exception {
        Path image = Files.writeString(elsewhere.resolve("a.img"), "x");
        Path partition = Files.writeString(fake.host.dev().resolve("zd0p1"), "x");
        Path disk = Files.writeString(fake.host.dev().resolve("sda"), "x");
        for (Volume volume : List.of(
                at("file", image),
                at("file", elsewhere),
                at("block", disk),
                at("block", partition),
                at("file", elsewhere.resolve("absent")),
                at("block", fake.host.device("tank/absent")),
                new Volume("vda", "file", "", "raw", 1, true, "none"),
                new Volume("vda", "network", "rbd/a", "raw", 1, true, "none"),
                new Volume("vda", "lun", disk.toString(), "raw", 1, true, "none"))) {
            assertThat(probe(volume)).isEqualTo(new Probe.NotMine());
        }
        assertThat(zfs.given).isEmpty();
    }

    @Test
    void other_formats_and_chains_of_images_are_another_drivers() throws Exception {
        String image = fake.file("vda", "a.img", "raw").source();
        assertThat(probe(new Volume("vda", "file", image, "vmdk", 1, true, "none")))
                .isEqualTo(new Probe.NotMine());
        assertThat(probe(new Volume("vda", "file", image, "qcow2", 2, true, "none")))
                .isEqualTo(new Probe.NotMine());
    }

    /** The definition of a machine that is off need not name what lies below. */
    @Test
    void an_image_that_lies_on_another_or_keeps_its_data_elsewhere_is_another_drivers_whatever_its_definition_says()
            throws Exception {
        Volume volume = fake.file("vda", "a.img", "qcow2");
        Path image = Path.of(volume.source());
        byte[] alone = Files.readAllBytes(image);
        byte[] name = "base".getBytes(StandardCharsets.UTF_8);

        Files.write(
                image,
                ByteBuffer.wrap(alone.clone())
                        .putLong(8, 512)
                        .putInt(16, name.length)
                        .put(512, name)
                        .array());
        assertThat(probe(volume)).isEqualTo(new Probe.NotMine());
        Files.write(image, ByteBuffer.wrap(alone.clone()).putLong(72, 0b100).array());
        assertThat(probe(volume)).isEqualTo(new Probe.NotMine());
        Files.writeString(image, "no image");
        assertThat(probe(volume)).isEqualTo(new Probe.NotMine());
    }

    @Test
    void a_mount_whose_name_is_no_text_is_in_nobodys_way() throws Exception {
        Volume volume = fake.file("vda", "a.img", "raw");
        Files.write(
                fake.host.mountinfo(),
                "40 30 0:50 / /home/u/\u00ff rw - fuse.x x rw\n".getBytes(StandardCharsets.ISO_8859_1),
                StandardOpenOption.APPEND);
        assertThat(probe(volume)).isEqualTo(new Probe.Usable(List.of()));
    }

    @Test
    void a_file_whose_device_is_not_that_of_the_mount_is_not_taken_for_the_datasets() throws Exception {
        Volume volume = fake.file("vda", "a.img", "raw");
        Files.writeString(fake.host.mountinfo(), "31 30 0:9999 / %s rw - zfs tank/images rw".formatted(fake.images));
        assertThat(probe(volume)).isEqualTo(new Probe.NotMine());
    }

    @Test
    void a_file_in_a_snapshot_is_no_disk_of_ours() throws Exception {
        Volume volume = fake.file("vda", "snap/a.img", "raw");
        fake.mount("tank/images@monday", fake.images.resolve("snap"));
        assertThat(probe(volume)).isEqualTo(new Probe.NotMine());
    }

    @Test
    void a_volume_that_others_share_is_refused() {
        Volume sole = fake.zvol("vda", "tank/a");
        assertUnusable(new Volume("vda", "block", sole.source(), "raw", 1, false, "none"), "it is shared");
    }

    @Test
    void the_longest_name_that_a_snapshot_can_have_is_allowed_and_no_longer() {
        String longest = "tank/" + "n".repeat(255 - "tank/".length() - "@sf-0123456789ab".length());
        assertThat(probe(fake.zvol("vda", longest))).isEqualTo(new Probe.Usable(List.of()));
        assertUnusable(fake.zvol("vdb", longest + "n"), "would have 256 characters, ZFS allows 255");
    }

    @ParameterizedTest
    @CsvSource({
        "SUSPENDED, off, pool tank is SUSPENDED",
        "FAULTED, off, pool tank is FAULTED",
        "UNAVAIL, off, pool tank is UNAVAIL",
        "ONLINE, on, pool tank is ONLINE and read-only"
    })
    void a_pool_that_cannot_be_written_to_is_refused(String health, String readOnly, String reason) {
        zfs.pools.put("tank", "tank\t40\t%s\t%s".formatted(health, readOnly));
        assertUnusable(fake.zvol("vda", "tank/a"), reason);
    }

    @ParameterizedTest
    @CsvSource({
        "79, ONLINE, ''",
        "80, ONLINE, 'pool tank is 80 % full, 95 % are allowed'",
        "95, ONLINE, 'pool tank is 95 % full, 95 % are allowed'",
        "10, DEGRADED, pool tank is DEGRADED"
    })
    void a_pool_that_grows_full_or_has_lost_a_disk_is_warned_of(int full, String health, String warning) {
        zfs.pools.put("tank", "tank\t%d\t%s\toff".formatted(full, health));
        assertThat(probe(fake.zvol("vda", "tank/a")))
                .isEqualTo(new Probe.Usable(warning.isEmpty() ? List.of() : List.of(warning)));
    }

    @Test
    void a_pool_that_is_too_full_is_refused() {
        zfs.pools.put("tank", "tank\t96\tONLINE\toff");
        assertUnusable(fake.zvol("vda", "tank/a"), "pool tank is 96 % full, 95 % are allowed");
    }

    @ParameterizedTest
    @CsvSource({
        // available, usedbyrefreservation, written, refreservation; in GiB
        "1, 0, 5, 0, true",
        "0, 0, 5, 0, false",
        "6, 0, 5, 10, true",
        "5, 0, 5, 10, false",
        "11, 5, 5, 10, true",
        "10, 5, 5, 10, false",
        "4, 0, 20, 3, true",
        "3, 0, 20, 3, false"
    })
    void what_a_reservation_takes_must_be_there_beside_the_least_that_is_free(
            long available, long unused, long written, long reserved, boolean enough) {
        Volume volume = fake.zvol("vda", "tank/a");
        zfs.things.get("tank/a").put("available", available * GIB + "\t-");
        zfs.things.get("tank/a").put("usedbyrefreservation", unused * GIB + "\t-");
        zfs.things.get("tank/a").put("written", written * GIB + "\t-");
        zfs.things.get("tank/a").put("refreservation", reserved == 0 ? "none\tdefault" : reserved * GIB + "\tlocal");
        if (enough) {
            assertThat(probe(volume)).isEqualTo(new Probe.Usable(List.of()));
        } else {
            assertUnusable(volume, "of them to keep its reservation");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "get"})
    void a_pool_that_does_not_answer_is_refused(String verb) {
        Volume volume = fake.zvol("vda", "tank/a");
        zfs.faults.put(verb, Fault.HUNG);
        assertUnusable(volume, "zfs did not end within PT1M");
    }

    private Probe probe(Volume volume) {
        return new ZfsDriver("db01", zfs, limits, fake.host).probe(volume);
    }

    private static Volume at(String kind, Path source) {
        return new Volume("vda", kind, source.toString(), "raw", 1, true, "none");
    }

    private void assertUnusable(Volume volume, String reason) {
        assertThat(probe(volume)).isInstanceOfSatisfying(Probe.Unusable.class, probe -> {
            assertThat(probe.reason()).contains(reason);
            assertThat(probe.hint()).isNotEmpty();
        });
    }
}
