package io.stillframe.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Power;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A raw image, an overlay on it that is a snapshot's image, and the machine's own overlay on top. */
class Qcow2StoreTest {
    private static final String LABEL = "sf-0000000clone";
    private static final Map<String, String> HELD = Map.of("a", "0", "b", "1");

    private static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    @TempDir
    private Path directory;

    private final PretendedImages images = new PretendedImages();
    private Path base;
    private Path image;
    private PretendedMachine machine;
    private VolumeSnapshot first;
    private VolumeSnapshot snapshot;

    @BeforeEach
    void twoSnapshots() throws IOException {
        base = Files.writeString(directory.resolve("db01.img"), "a=0\nb=0\n");
        image = directory.resolve("db01.sf-000000000001.qcow2");
        Path active = directory.resolve("db01.sf-000000000002.qcow2");
        images.create(image, Optional.of(base.toString()), Optional.of("raw"));
        images.write(image, Map.of("b", "1"));
        images.create(active, Optional.of(image.toString()), Optional.of("qcow2"));
        images.write(active, Map.of("b", "2"));
        machine = new PretendedMachine(images, new Layer(active, "qcow2"));
        first = new VolumeSnapshot("vda", "qcow2", base.toString(), "raw", image.toString(), Quiesce.NOTHING);
        snapshot = new VolumeSnapshot("vda", "qcow2", image.toString(), "qcow2", active.toString(), Quiesce.NOTHING);
    }

    // ---- condition

    @Test
    void a_snapshot_takes_the_space_of_its_own_image() throws IOException {
        assertThat(store().condition(snapshot))
                .isEqualTo(new Condition.Present(OptionalLong.of(Files.size(image)), OptionalDouble.empty()));
        assertThat(images.given).containsExactly("qemu-img info --output=json -U -f qcow2 " + image);
    }

    @Test
    void what_is_gone_is_absent_and_of_what_lies_on_nothing_nothing_is_known() throws IOException {
        Files.delete(base);
        assertThat(store().condition(first)).isEqualTo(new Condition.Absent());
        assertThat(store().condition(snapshot)).isEqualTo(new Condition.Unknown(base + " is not there"));
        assertThat(store().open(snapshot)).isEqualTo(new View.Refused(base + " is not there"));
        assertThat(store().planClone(snapshot, LABEL)).isInstanceOf(Plan.Refused.class);
    }

    @Test
    void what_qemu_has_marked_as_corrupt_is_lost() throws IOException {
        try (var file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(8).putLong(0, 0b10), 72);
        }
        assertThat(store().condition(snapshot)).isInstanceOf(Condition.Lost.class);
    }

    @Test
    void what_a_tool_does_not_tell_is_unknown() {
        images.before = name -> {
            throw new CommandException("qemu-img did not end");
        };
        assertThat(store().condition(snapshot)).isEqualTo(new Condition.Unknown("qemu-img did not end"));
    }

    @Test
    void the_size_is_read_from_what_the_tool_prints() throws IOException {
        try (var stream = Qcow2StoreTest.class.getResourceAsStream("info-qemu-img-7.2.22.json")) {
            assertThat(QemuImg.actualSize(new String(stream.readAllBytes(), StandardCharsets.UTF_8)))
                    .isEqualTo(200704);
        }
        assertThatExceptionOfType(CommandException.class).isThrownBy(() -> QemuImg.actualSize("{}"));
        assertThatExceptionOfType(CommandException.class).isThrownBy(() -> QemuImg.actualSize("no"));
    }

    // ---- clone

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_clone_holds_what_the_snapshot_holds_and_lies_on_nothing(boolean overlay) throws IOException {
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-rw----"));
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rw-rw----"));
        VolumeSnapshot of = overlay ? snapshot : first;
        Change change = planClone(of);
        String name = overlay ? "db01.sf-0000000clone.qcow2" : "db01.sf-0000000clone.raw";
        assertThat(change)
                .isEqualTo(
                        new Change("vda", of.snapshot(), directory.resolve(name).toString(), of.format()));
        List<Long> told = new ArrayList<>();
        assertThat(store().makeClone(of, change, (done, total) -> told.add(done * 100 / total)))
                .isEqualTo(new Outcome.Done());
        assertThat(told).endsWith(100L);
        Path copy = Path.of(change.to());
        Files.delete(image);
        assertThat(PretendedImages.whole(new Layer(copy, of.format())))
                .isEqualTo(overlay ? HELD : Map.of("a", "0", "b", "0"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-rw----");
        assertThat(store().makeClone(of, change, Meter.NONE)).isEqualTo(new Outcome.AlreadyDone());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_clone_that_died_is_begun_anew_or_removed(boolean goOn) throws IOException {
        Change change = planClone(snapshot);
        images.before = name -> {
            if (name.equals("convert")) {
                throw new Died();
            }
        };
        assertThatExceptionOfType(Died.class).isThrownBy(() -> store().makeClone(snapshot, change, Meter.NONE));
        images.before = name -> {};
        assertThat(Path.of(change.to())).doesNotExist();
        assertThat(names()).contains("db01.sf-0000000clone.part");
        if (goOn) {
            assertThat(store().makeClone(snapshot, change, Meter.NONE)).isEqualTo(new Outcome.Done());
            assertThat(PretendedImages.whole(new Layer(Path.of(change.to()), "qcow2")))
                    .isEqualTo(HELD);
        } else {
            assertThat(store().removeClone(snapshot, change)).isEqualTo(new Outcome.Done());
            assertThat(store().removeClone(snapshot, change)).isEqualTo(new Outcome.AlreadyDone());
        }
        assertThat(names()).doesNotContain("db01.sf-0000000clone.part").hasSize(goOn ? 4 : 3);
    }

    @Test
    void a_clone_is_not_gone_because_its_folder_is_an_empty_mountpoint() throws IOException {
        Change change = planClone(snapshot);
        store().makeClone(snapshot, change, Meter.NONE);
        for (String name : names()) {
            Files.delete(directory.resolve(name));
        }
        assertThat(store().removeClone(snapshot, change)).isInstanceOf(Outcome.Indeterminate.class);
        images.create(image, Optional.empty(), Optional.empty());
        assertThat(store().removeClone(snapshot, change)).isEqualTo(new Outcome.AlreadyDone());
    }

    @Test
    void a_clone_that_is_used_is_not_removed() throws Exception {
        Change change = planClone(snapshot);
        Path copy = Path.of(change.to());
        store().makeClone(snapshot, change, Meter.NONE);
        machine.others.put("copy", List.of(new Layer(copy, "qcow2")));
        assertThat(store().removeClone(snapshot, change)).isInstanceOf(Outcome.Refused.class);
        machine.others.clear();
        try (LockingChild qemu = LockingChild.of(copy)) {
            assertThat(qemu).isNotNull();
            assertThat(store().removeClone(snapshot, change)).isInstanceOf(Outcome.Refused.class);
        }
        Path overlay = directory.resolve("above.qcow2");
        images.create(overlay, Optional.of(copy.toString()), Optional.of("qcow2"));
        assertThat(store().removeClone(snapshot, change)).isInstanceOf(Outcome.Refused.class);
        Files.delete(overlay);
        assertThat(store().removeClone(snapshot, change)).isEqualTo(new Outcome.Done());
        assertThat(names()).hasSize(3);
    }

    @Test
    void a_clone_without_room_is_refused_with_numbers() {
        assertThat(store(Long.MAX_VALUE / 2).planClone(snapshot, LABEL))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).contains("MiB are free"));
    }

    @Test
    void a_copy_for_which_others_have_left_no_room_is_not_begun() throws IOException {
        Change change = planClone(snapshot);
        assertThat(store(Long.MAX_VALUE / 2).makeClone(snapshot, change, Meter.NONE))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("MiB are free"));
        assertThat(names()).hasSize(3);
    }

    @Test
    void what_lies_in_a_clones_place_is_left_alone() throws IOException {
        Path foreign = Files.writeString(directory.resolve("db01.sf-0000000clone.qcow2"), "somebody else's");
        assertThat(store().planClone(snapshot, LABEL))
                .isEqualTo(new Plan.Refused(foreign + " exists already", "try again"));
    }

    @Test
    void two_disks_whose_images_differ_only_in_their_ending_get_two_clones() throws IOException {
        Files.writeString(directory.resolve("db01.raw"), "another disk");
        assertThat(planClone(first).to())
                .isEqualTo(directory.resolve("db01.img.sf-0000000clone.raw").toString());
    }

    // ---- revert

    @Test
    void a_machine_goes_back_on_an_overlay_of_its_own() {
        machine.power = Power.OFF;
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        assertThat(change)
                .isEqualTo(new Change(
                        "vda",
                        machine.active().file().toString(),
                        directory.resolve("db01.sf-0000000clone.qcow2").toString(),
                        "qcow2"));
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        assertThat(images.given)
                .containsExactly("qemu-img create -q -f qcow2 -F raw -b %s %s".formatted(base, change.to()));
        machine.redefine(new Layer(Path.of(change.to()), "qcow2"));
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(Map.of("a", "0", "b", "0"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Power.class,
            names = {"ON", "UNCLEAR"})
    void a_machine_that_is_not_off_does_not_go_back(Power power) {
        machine.power = Power.OFF;
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        machine.power = power;
        assertThat(store().planRevert(first, LABEL)).isInstanceOf(Plan.Refused.class);
        assertThat(store().revert(first, change, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        assertThat(Path.of(change.to())).doesNotExist();
    }

    @Test
    void a_revert_that_died_is_begun_anew() {
        machine.power = Power.OFF;
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        images.before = name -> {
            throw new Died();
        };
        assertThatExceptionOfType(Died.class).isThrownBy(() -> store().revert(first, change, Meter.NONE));
        images.before = name -> {};
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        assertThat(PretendedImages.whole(new Layer(Path.of(change.to()), "qcow2")))
                .isEqualTo(Map.of("a", "0", "b", "0"));
    }

    @Test
    void a_revert_that_is_given_up_leaves_no_overlay_unless_the_machine_has_it() throws IOException {
        machine.power = Power.OFF;
        Layer before = machine.active();
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        assertThat(store().giveUpRevert(first, change)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        machine.redefine(new Layer(Path.of(change.to()), "qcow2"));
        assertThat(store().giveUpRevert(first, change)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(Path.of(change.to())).exists();
        machine.redefine(before);
        assertThat(store().giveUpRevert(first, change)).isEqualTo(new Outcome.Done());
        assertThat(Path.of(change.to())).doesNotExist();
        assertThat(names()).hasSize(3);
    }

    @Test
    void an_overlay_that_was_written_to_stays_when_its_revert_is_given_up() {
        machine.power = Power.OFF;
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        images.write(Path.of(change.to()), Map.of("a", "since"));
        assertThat(store().giveUpRevert(first, change)).isInstanceOf(Outcome.Refused.class);
        assertThat(Path.of(change.to())).exists();
    }

    @Test
    void a_revert_that_is_refused_leaves_nothing_behind() throws IOException {
        machine.power = Power.OFF;
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        images.before = name -> {
            throw new CommandException("the disk is full");
        };
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Refused("the disk is full"));
        assertThat(names()).hasSize(3);
    }

    @Test
    void an_overlay_that_was_written_to_since_the_revert_is_never_made_anew() {
        machine.power = Power.OFF;
        Layer before = machine.active();
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        Layer reverted = new Layer(Path.of(change.to()), "qcow2");
        images.write(reverted.file(), Map.of("a", "since"));
        for (Layer now : List.of(before, new Layer(image, "qcow2"))) {
            machine.redefine(now);
            assertThat(store().revert(first, change, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        }
        assertThat(PretendedImages.whole(reverted)).containsEntry("a", "since");
    }

    @Test
    void an_overlay_on_which_a_snapshot_was_taken_since_the_revert_is_never_made_anew() {
        machine.power = Power.OFF;
        Layer before = machine.active();
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        assertThat(store().revert(first, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        Path above = directory.resolve("db01.sf-000000000005.qcow2");
        images.create(above, Optional.of(change.to()), Optional.of("qcow2"));
        machine.redefine(new Layer(above, "qcow2"));
        assertThat(store().revert(first, change, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        machine.redefine(before);
        assertThat(store().revert(first, change, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        assertThat(above).exists();
        assertThat(Path.of(change.to())).exists();
    }

    @Test
    void what_lies_in_a_reverts_place_is_neither_replaced_nor_removed() throws IOException {
        machine.power = Power.OFF;
        Change change = ((Plan.Ready) store().planRevert(first, LABEL)).change();
        Files.writeString(Path.of(change.to()), "somebody else's");
        assertThat(store().planRevert(first, LABEL)).isInstanceOf(Plan.Refused.class);
        for (int i = 0; i < 2; i++) {
            assertThat(store().revert(first, change, Meter.NONE))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.reason()).startsWith(change.to() + " exists already"));
        }
        assertThat(Path.of(change.to())).hasContent("somebody else's");
    }

    @Test
    void a_snapshot_that_the_machine_writes_to_holds_no_moment() {
        machine.power = Power.OFF;
        machine.redefine(new Layer(image, "qcow2"));
        assertThat(store().planRevert(snapshot, LABEL)).isInstanceOf(Plan.Refused.class);
    }

    @Test
    void what_the_machine_writes_to_is_not_cloned_as_a_snapshot() {
        machine.power = Power.OFF;
        Change change = planClone(snapshot);
        machine.redefine(new Layer(image, "qcow2"));
        assertThat(store().planClone(snapshot, LABEL)).isInstanceOf(Plan.Refused.class);
        assertThat(store().makeClone(snapshot, change, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        assertThat(Path.of(change.to())).doesNotExist();
    }

    @Test
    void a_folder_without_room_takes_no_revert() {
        machine.power = Power.OFF;
        assertThat(store(Long.MAX_VALUE).planRevert(first, LABEL)).isInstanceOf(Plan.Refused.class);
    }

    // ---- views

    @Test
    void a_view_that_is_not_open_is_closed() {
        assertThat(store().close(snapshot)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(directory.resolve("open")).doesNotExist();
    }

    private Change planClone(VolumeSnapshot of) {
        Plan plan = store().planClone(of, LABEL);
        assertThat(plan).isInstanceOf(Plan.Ready.class);
        return ((Plan.Ready) plan).change();
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private Qcow2Store store() {
        return store(0);
    }

    private Qcow2Store store(long minimumFree) {
        return new Qcow2Store(machine, images, new Qcow2Store.Options(minimumFree, 0, directory.resolve("open")));
    }
}
