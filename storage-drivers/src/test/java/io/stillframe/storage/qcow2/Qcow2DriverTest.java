package io.stillframe.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands.Exit;
import io.stillframe.storage.exec.FakeCommands;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Qcow2DriverTest {
    private static final String LABEL = "sf-0123456789ab";

    @TempDir
    private Path images;

    private final FakeActiveLayers layers = new FakeActiveLayers();
    private final FakeCommands commands = new FakeCommands();
    private Qcow2Driver driver = new Qcow2Driver(layers, commands, new Qcow2Driver.Limits(0, 10));
    private List<VolumeSnapshot> planned;

    @BeforeEach
    void twoDisks() throws Exception {
        planned = driver.plan(LABEL, List.of(volume("vda", "qcow2"), volume("vdb", "raw")));
    }

    // ---- probe

    @Test
    void a_file_image_of_this_machine_alone_is_usable() throws Exception {
        assertThat(driver.probe(volume("vda", "qcow2"))).isEqualTo(new Probe.Usable(List.of()));
        assertThat(driver.probe(volume("vdb", "raw"))).isEqualTo(new Probe.Usable(List.of()));
    }

    @ParameterizedTest
    @CsvSource({"block, raw", "network, qcow2", "volume, qcow2", "lun, raw", "file, vmdk", "file, ''", "dir, raw"})
    void other_backends_are_another_drivers(String kind, String format) {
        assertThat(driver.probe(new Volume("vda", kind, image("vda").toString(), format, 1, true, "none")))
                .isEqualTo(new Probe.NotMine());
    }

    @Test
    void an_image_that_others_share_or_that_forgets_is_refused() {
        assertUnusable(new Volume("vda", "file", image("vda").toString(), "qcow2", 1, false, "none"), "shared");
    }

    @Test
    void a_definition_that_names_another_image_is_refused() throws Exception {
        layers.defined.put("vda", Path.of("/images/other.qcow2"));
        assertUnusable(volumeOf("vda", 1), "its definition will start with /images/other.qcow2");
        layers.defined.remove("vda");
        assertUnusable(volumeOf("vda", 1), "its definition will start with nothing");
    }

    @Test
    void an_image_that_is_not_there_is_refused() throws Exception {
        Files.delete(image("vda"));
        assertUnusable(volumeOf("vda", 1), "no overlay can be made in " + images);
    }

    @Test
    void a_disk_without_an_image_is_refused() {
        assertThat(driver.probe(new Volume("vda", "file", "", "raw", 1, true, "none")))
                .isInstanceOf(Probe.Unusable.class);
    }

    @Test
    void an_image_that_keeps_its_data_in_another_file_is_refused() throws Exception {
        ByteBuffer header =
                ByteBuffer.allocate(512).putInt(0, 0x514649fb).putInt(4, 3).putInt(20, 16);
        Files.write(image("vda"), header.putLong(72, 0b100).putInt(100, 112).array());
        assertUnusable(volumeOf("vda", 1), "keeps its data in another file");
        assertThat(driver.probe(new Volume("vda", "file", image("vda").toString(), "raw", 1, true, "none")))
                .as("what a guest wrote into its raw disk is no header")
                .isInstanceOf(Probe.Usable.class);
    }

    @Test
    void a_disk_with_a_job_on_it_is_refused() {
        layers.jobs.add("vda");
        assertUnusable(volumeOf("vda", 1), "a block job runs on it");
    }

    @Test
    void a_storage_without_enough_room_is_refused() {
        driver = new Qcow2Driver(layers, commands, new Qcow2Driver.Limits(Long.MAX_VALUE, 10));
        assertUnusable(volumeOf("vda", 1), "MiB free");
    }

    @ParameterizedTest
    @CsvSource({"7, ''", "8, its chain has 8 of 10 images allowed", "9, its chain has 9 of 10 images allowed"})
    void a_chain_that_grows_long_is_warned_of(int depth, String warning) {
        assertThat(driver.probe(volumeOf("vda", depth)))
                .isEqualTo(new Probe.Usable(warning.isEmpty() ? List.of() : List.of(warning)));
    }

    @Test
    void dropped_flushes_are_warned_of() {
        Volume unsafe = new Volume("vda", "file", image("vda").toString(), "qcow2", 1, true, "unsafe");
        assertThat(((Probe.Usable) driver.probe(unsafe)).warnings())
                .singleElement()
                .asString()
                .contains("cache=unsafe");
    }

    @Test
    void a_chain_that_is_too_long_is_refused() {
        assertUnusable(volumeOf("vda", 10), "its chain has 10 images already, 10 are allowed");
    }

    // ---- plan

    @Test
    void a_plan_names_everything_and_touches_nothing() {
        assertThat(planned)
                .containsExactly(
                        new VolumeSnapshot(
                                "vda",
                                "qcow2",
                                image("vda").toString(),
                                "qcow2",
                                overlay("vda").toString(),
                                Quiesce.NOTHING),
                        new VolumeSnapshot(
                                "vdb",
                                "qcow2",
                                image("vdb").toString(),
                                "raw",
                                overlay("vdb").toString(),
                                Quiesce.NOTHING));
        assertThat(overlay("vda")).doesNotExist();
        assertThat(commands.given).isEmpty();
    }

    @Test
    void two_disks_of_one_machine_never_share_an_overlay() throws Exception {
        Volume raw = new Volume("vda", "file", "/images/db01.img", "raw", 1, true, "none");
        Volume qcow2 = new Volume("vdb", "file", "/images/db01.qcow2", "qcow2", 1, true, "none");
        assertThat(driver.plan(LABEL, List.of(raw, qcow2)))
                .extracting(VolumeSnapshot::active)
                .containsExactly(
                        "/images/db01.img.%s.qcow2".formatted(LABEL), "/images/db01.qcow2.%s.qcow2".formatted(LABEL));
    }

    // ---- prepare

    @Test
    void overlays_are_made_with_the_formats_told_and_never_guessed() {
        assertThat(driver.prepare(planned)).isEqualTo(new Done());
        assertThat(commands.given)
                .containsExactly(
                        create("qcow2", image("vda"), overlay("vda")), create("raw", image("vdb"), overlay("vdb")));
        assertThat(overlay("vda")).exists();
        assertThat(overlay("vdb")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-r-----", "rw-rw-r--"})
    void an_overlay_has_the_mode_of_the_image_below(String mode) throws Exception {
        Files.setPosixFilePermissions(image("vda"), PosixFilePermissions.fromString(mode));
        driver.prepare(planned);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(overlay("vda"))))
                .isEqualTo(mode);
    }

    @Test
    void an_overlay_has_the_owner_of_the_image_below() throws Exception {
        if (System.getProperty("user.name").equals("root")) {
            // nobody else can give a file away
            Files.setAttribute(image("vda"), "unix:uid", 12345);
            Files.setAttribute(image("vda"), "unix:gid", 54321);
        }
        driver.prepare(planned);
        PosixFileAttributes image = Files.readAttributes(image("vda"), PosixFileAttributes.class);
        PosixFileAttributes overlay = Files.readAttributes(overlay("vda"), PosixFileAttributes.class);
        assertThat(overlay.owner()).isEqualTo(image.owner());
        assertThat(overlay.group()).isEqualTo(image.group());
    }

    @Test
    void what_is_in_an_overlays_place_is_neither_replaced_nor_ever_removed() throws Exception {
        Files.writeString(overlay("vdb"), "somebody else's");
        assertThat(driver.prepare(planned)).isEqualTo(new Refused(overlay("vdb") + " exists already"));
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(overlay("vdb")).hasContent("somebody else's");
        assertThat(overlay("vda")).doesNotExist();
    }

    @Test
    void a_later_process_knows_what_is_not_ours_by_what_it_is() throws Exception {
        Files.writeString(overlay("vdb"), "somebody else's");
        driver.prepare(planned);
        driver = new Qcow2Driver(layers, commands, new Qcow2Driver.Limits(0, 10));
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(overlay("vdb")).hasContent("somebody else's");
        assertThat(overlay("vda")).doesNotExist();
    }

    @Test
    void a_later_process_leaves_an_overlay_of_something_else() {
        new PretendedImages().create(overlay("vda"), Optional.of("/images/other.qcow2"), Optional.of("qcow2"));
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(overlay("vda")).exists();
    }

    @Test
    void a_later_process_removes_what_a_killed_tool_left() throws Exception {
        Files.createFile(overlay("vda"));
        new PretendedImages().create(overlay("vdb"), Optional.empty(), Optional.empty());
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(overlay("vda")).doesNotExist();
        assertThat(overlay("vdb")).doesNotExist();
    }

    @Test
    void a_later_process_leaves_an_image_with_something_in_it() {
        PretendedImages images = new PretendedImages();
        images.create(overlay("vda"), Optional.empty(), Optional.empty());
        images.write(overlay("vda"), Map.of("a", "1"));
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(overlay("vda")).exists();
    }

    @Test
    void a_link_in_an_overlays_place_is_not_followed() throws Exception {
        Path elsewhere = images.resolve("elsewhere");
        Files.createSymbolicLink(overlay("vda"), elsewhere);
        assertThat(driver.prepare(planned)).isInstanceOf(Refused.class);
        assertThat(elsewhere).doesNotExist();
        assertThat(overlay("vda")).isSymbolicLink();
    }

    @Test
    void a_tool_that_refuses_is_quoted_and_leaves_nothing_after_the_discard() {
        commands.answer = Optional.of(new Exit(1, "", "qemu-img: Could not open backing file\n"));
        assertThat(driver.prepare(planned))
                .isEqualTo(new Refused("cannot create the overlay %s: qemu-img: Could not open backing file"
                        .formatted(overlay("vda"))));
        driver.discard(planned);
        assertThat(overlay("vda")).doesNotExist();
    }

    // ---- create, find, verify

    @Test
    void before_the_switch_nothing_is_there_and_afterwards_everything() {
        driver.prepare(planned);
        assertThat(driver.find(planned)).isEqualTo(Presence.ABSENT);
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
        assertThat(driver.update(planned)).isEqualTo(new AlreadyDone());
        assertThat(driver.verify(planned)).isEqualTo(new AlreadyDone());
        assertThat(layers.chain("vda")).containsExactly(overlay("vda"), image("vda"));
    }

    @Test
    void the_same_label_again_is_already_done() {
        driver.prepare(planned);
        driver.create(planned);
        layers.answer = Optional.of(new Refused("the overlay is in use"));
        assertThat(driver.create(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void half_a_set_is_partial() {
        layers.chains.get("vdb").add(0, overlay("vdb"));
        assertThat(driver.find(planned)).isEqualTo(Presence.PARTIAL);
    }

    @Test
    void an_overlay_below_a_later_one_is_still_found() {
        driver.create(planned);
        layers.chains.get("vda").add(0, images.resolve("later.qcow2"));
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
    }

    @Test
    void what_the_machine_answers_to_the_switch_is_passed_on() {
        for (Outcome outcome : List.of(new Refused("busy"), new Indeterminate("no answer"))) {
            layers.answer = Optional.of(outcome);
            assertThat(driver.create(planned)).isEqualTo(outcome);
        }
    }

    @Test
    void a_machine_that_runs_on_another_image_or_will_is_told_by_its_disk() {
        driver.create(planned);
        layers.defined.put("vdb", image("vdb"));
        assertThat(driver.verify(planned)).isEqualTo(stray("vdb"));
        layers.chains.get("vda").remove(0);
        assertThat(driver.verify(planned)).isEqualTo(stray("vda, vdb"));
    }

    // ---- discard

    @Test
    void a_discard_of_nothing_has_nothing_to_do() {
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void a_discard_before_the_switch_removes_the_overlays_and_twice_is_once() {
        driver.prepare(planned);
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(overlay("vda")).doesNotExist();
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
        assertThat(image("vda")).exists();
    }

    @Test
    void a_discard_after_the_switch_merges_first_and_twice_is_once() {
        driver.prepare(planned);
        driver.create(planned);
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(layers.chain("vda")).containsExactly(image("vda"));
        assertThat(layers.defined("vdb")).contains(image("vdb"));
        assertThat(overlay("vda")).doesNotExist();
        assertThat(driver.discard(planned)).isEqualTo(new AlreadyDone());
    }

    @Test
    void a_discard_of_half_a_set_takes_back_that_half() throws Exception {
        driver.prepare(planned);
        layers.chains.get("vdb").add(0, overlay("vdb"));
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(layers.chain("vdb")).containsExactly(image("vdb"));
        assertThat(overlay("vda")).doesNotExist();
        assertThat(overlay("vdb")).doesNotExist();
    }

    @Test
    void the_chain_is_asked_only_when_it_has_settled() {
        driver.prepare(planned);
        driver.discard(planned);
        assertThat(layers.settled).containsExactly("vda", "vdb");
    }

    @Test
    void an_overlay_that_could_not_be_merged_is_not_removed() {
        driver.prepare(planned);
        driver.create(planned);
        for (Outcome outcome : List.of(new Refused("busy"), new Indeterminate("no answer"))) {
            layers.answer = Optional.of(outcome);
            assertThat(driver.discard(planned)).isEqualTo(outcome);
            assertThat(overlay("vda")).exists();
        }
    }

    @Test
    void an_overlay_below_a_later_one_is_not_removed() {
        driver.prepare(planned);
        driver.create(planned);
        layers.chains.get("vda").add(0, images.resolve("later.qcow2"));
        assertThat(driver.discard(planned)).isInstanceOf(Refused.class);
        assertThat(overlay("vda")).exists();
    }

    @Test
    void an_overlay_that_only_the_definition_uses_is_not_removed() {
        driver.prepare(planned);
        layers.defined.put("vda", overlay("vda"));
        assertThat(driver.discard(planned))
                .isEqualTo(new Refused("the definition of the machine still uses " + overlay("vda")));
        assertThat(overlay("vda")).exists();
    }

    @Test
    void an_overlay_of_a_disk_that_was_taken_out_is_not_removed() {
        driver.prepare(planned);
        driver.create(planned);
        layers.chains.remove("vda");
        layers.defined.remove("vda");
        assertThat(driver.discard(planned)).isInstanceOf(Refused.class);
        assertThat(overlay("vda")).exists();
    }

    @Test
    void an_overlay_that_a_qemu_has_open_is_not_removed_whatever_libvirt_says() throws Exception {
        driver.prepare(planned);
        try (LockingChild qemu = LockingChild.of(overlay("vda"))) {
            assertThat(qemu).isNotNull();
            assertThat(driver.discard(planned))
                    .isEqualTo(
                            new Refused("QEMU has %s open, though libvirt does not say so".formatted(overlay("vda"))));
            assertThat(overlay("vda")).exists();
        }
        assertThat(driver.discard(planned)).isEqualTo(new Done());
        assertThat(overlay("vda")).doesNotExist();
    }

    private void assertUnusable(Volume volume, String reason) {
        assertThat(driver.probe(volume)).isInstanceOfSatisfying(Probe.Unusable.class, probe -> {
            assertThat(probe.reason()).contains(reason);
            assertThat(probe.hint()).isNotEmpty();
        });
    }

    private static Refused stray(String disks) {
        return new Refused("the machine or its definition does not use the overlay of: " + disks);
    }

    private static List<String> create(String baseFormat, Path base, Path overlay) {
        return List.of(
                "qemu-img", "create", "-q", "-f", "qcow2", "-F", baseFormat, "-b", base.toString(), overlay.toString());
    }

    private Volume volume(String disk, String format) throws Exception {
        if (Files.notExists(image(disk))) {
            Files.writeString(image(disk), "the image of " + disk);
        }
        layers.with(disk, image(disk));
        return new Volume(disk, "file", image(disk).toString(), format, 1, true, "none");
    }

    private Volume volumeOf(String disk, int depth) {
        return new Volume(disk, "file", image(disk).toString(), "qcow2", depth, true, "none");
    }

    private Path image(String disk) {
        return images.resolve(disk + ".qcow2");
    }

    private Path overlay(String disk) {
        return images.resolve("%s.%s.qcow2".formatted(disk, LABEL));
    }
}
