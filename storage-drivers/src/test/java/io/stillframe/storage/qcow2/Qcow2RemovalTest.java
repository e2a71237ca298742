package io.stillframe.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Power;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A chain of a raw image and four overlays, the images of four snapshots, and the machine on top. */
class Qcow2RemovalTest {
    private static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    @TempDir
    private Path directory;

    private PretendedImages images;
    private PretendedMachine machine;
    private final List<VolumeSnapshot> snapshots = new ArrayList<>();
    private final List<Map<String, String>> contents = new ArrayList<>();
    private final Set<String> written = new LinkedHashSet<>();
    private final Set<String> givenUp = new LinkedHashSet<>();

    @BeforeEach
    void fourSnapshots() throws IOException {
        images = new PretendedImages();
        snapshots.clear();
        contents.clear();
        written.clear();
        givenUp.clear();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Path base = Files.writeString(directory.resolve("db01.raw"), "a=0\nb=0\nc=0\n");
        machine = new PretendedMachine(images, new Layer(base, "raw"));
        snapshot(1, Map.of("a", "1", "d", "1"));
        snapshot(2, Map.of("b", "2"));
        snapshot(3, Map.of("a", "3", "d", "3"));
        snapshot(4, Map.of("c", "4", "e", "4"));
        machine.list();
    }

    /** Takes one, and lets the machine write a little. */
    private void snapshot(int number, Map<String, String> more) {
        Layer image = machine.active();
        VolumeSnapshot taken = new VolumeSnapshot(
                "vda",
                "qcow2",
                image.file().toString(),
                image.format(),
                directory.resolve("db01.%s.qcow2".formatted(label(number))).toString(),
                Quiesce.NOTHING);
        snapshots.add(taken);
        contents.add(PretendedImages.whole(image));
        written.add(taken.active());
        overlay(Path.of(taken.active()), image, more);
        machine.redefine(new Layer(Path.of(taken.active()), "qcow2"));
    }

    private void overlay(Path file, Layer base, Map<String, String> more) {
        images.create(file, Optional.of(base.file().toString()), Optional.of(base.format()));
        images.write(file, more);
    }

    // ---- what is done

    @ParameterizedTest
    @CsvSource({"0, ON", "1, ON", "2, ON", "3, ON", "0, OFF", "1, OFF", "2, OFF", "3, OFF"})
    void a_removed_snapshot_leaves_everything_else_as_it_was(int index, Power power) {
        machine.power = power;
        Change change = plan(index);
        assertThat(change.from()).isEqualTo(snapshots.get(index).active());
        assertThat(change.to()).isEqualTo(snapshots.get(index).snapshot());
        assertThat(change.format()).isEqualTo(index == 0 ? "raw" : "qcow2");
        Map<String, String> now = PretendedImages.whole(machine.active());
        assertThat(remove(index, change)).isEqualTo(new Outcome.Done());
        assertRemoved(index, change, now);
        assertThat(remove(index, change)).isEqualTo(new Outcome.AlreadyDone());
    }

    @ParameterizedTest
    @EnumSource(
            value = Power.class,
            names = {"ON", "OFF"})
    void all_snapshots_go_one_after_the_other_in_any_order(Power power) throws IOException {
        for (List<Integer> order : List.of(List.of(0, 0, 0, 0), List.of(3, 2, 1, 0), List.of(1, 2, 0, 0))) {
            fourSnapshots();
            machine.power = power;
            Map<String, String> now = PretendedImages.whole(machine.active());
            for (int index : order) {
                Change change = plan(index);
                assertThat(remove(index, change)).isEqualTo(new Outcome.Done());
                assertRemoved(index, change, now);
                move(index, change);
            }
            assertThat(directory).isDirectoryContaining("glob:**/db01.raw").isDirectoryNotContaining("glob:**/*.qcow2");
            assertThat(machine.active().format()).isEqualTo("raw");
        }
    }

    /** What the journal does with a change: what was at the one is at the other. */
    private void move(int index, Change change) {
        snapshots.remove(index);
        contents.remove(index);
        snapshots.replaceAll(other -> other.snapshot().equals(change.from())
                ? new VolumeSnapshot(
                        other.disk(), other.driver(), change.to(), change.format(), other.active(), other.quiesce())
                : other);
    }

    @ParameterizedTest
    @CsvSource({"0, ON", "1, ON", "3, ON", "0, OFF", "1, OFF", "3, OFF"})
    void a_removal_that_dies_anywhere_is_carried_through(int index, Power power) throws IOException {
        int deaths = 0;
        for (int at = 0; ; at++) {
            fourSnapshots();
            machine.power = power;
            Change change = plan(index);
            Map<String, String> now = PretendedImages.whole(machine.active());
            boolean died = removeDyingAt(at, index, change);
            assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
            assertThat(remove(index, change)).isInstanceOfAny(Outcome.Done.class, Outcome.AlreadyDone.class);
            assertRemoved(index, change, now);
            if (!died) {
                break;
            }
            deaths++;
        }
        assertThat(deaths).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"0, OFF, ON", "1, OFF, ON", "3, OFF, ON", "0, ON, OFF", "1, ON, OFF", "3, ON, OFF"})
    void a_machine_that_was_started_or_ended_meanwhile_makes_no_difference(int index, Power before, Power after)
            throws IOException {
        boolean died = true;
        for (int at = 0; died; at++) {
            fourSnapshots();
            machine.power = before;
            Change change = plan(index);
            Map<String, String> now = PretendedImages.whole(machine.active());
            died = removeDyingAt(at, index, change);
            machine.power = after;
            assertThat(remove(index, change)).isInstanceOfAny(Outcome.Done.class, Outcome.AlreadyDone.class);
            assertRemoved(index, change, now);
        }
    }

    @Test
    void what_a_machine_wrote_below_before_it_was_undefined_is_not_merged_over() throws IOException {
        boolean died = true;
        for (int at = 0; died; at++) {
            fourSnapshots();
            Change change = plan(3);
            died = removeDyingAt(at, 3, change);
            images.write(machine.active().file(), Map.of("a", "9", "c", "9"));
            Map<String, String> now = PretendedImages.whole(machine.active());
            machine.undefine();
            var whatever = remove(3, change);
            assertThat(PretendedImages.whole(machine.active()))
                    .as("died at %d, then %s", at, whatever)
                    .isEqualTo(now);
        }
    }

    @Test
    void what_a_removal_has_merged_is_told_and_once_it_is_anothers_stays() {
        Change change = plan(1);
        assertThat(store().isMoved(snapshots.get(1), change, relatives(1))).isFalse();
        assertThat(remove(1, change)).isEqualTo(new Outcome.Done());
        assertThat(store().isMoved(snapshots.get(1), change, relatives(1))).isTrue();
        Change away = new Change("vda", "/nowhere/upper", "/nowhere/lower", "qcow2");
        assertThat(store().isMoved(snapshots.get(1), away, relatives(1))).isFalse();
        VolumeSnapshot next = snapshots.get(2);
        snapshots.set(
                2,
                new VolumeSnapshot(
                        next.disk(), next.driver(), change.to(), change.format(), next.active(), next.quiesce()));
        Change nothing = plan(1);
        assertThat(nothing.from()).isEqualTo(nothing.to()).isEqualTo(change.to());
        assertThat(remove(1, nothing)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(PretendedImages.whole(new Layer(Path.of(change.to()), change.format())))
                .isEqualTo(contents.get(2));
    }

    private boolean removeDyingAt(int at, int index, Change change) {
        int[] left = {at};
        images.before = machine.before = name -> {
            if (left[0]-- == 0) {
                throw new Died();
            }
        };
        try {
            remove(index, change);
            return false;
        } catch (Died e) {
            return true;
        } finally {
            images.before = machine.before = name -> {};
        }
    }

    private void assertRemoved(int index, Change change, Map<String, String> now) {
        assertThat(Path.of(change.from())).doesNotExist();
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
        assertThat(machine.chain("vda")).doesNotContain(Path.of(change.from()));
        for (int i = 0; i < snapshots.size(); i++) {
            if (i != index) {
                VolumeSnapshot other = snapshots.get(i);
                boolean moved = other.snapshot().equals(change.from());
                assertThat(PretendedImages.whole(new Layer(
                                Path.of(moved ? change.to() : other.snapshot()),
                                moved ? change.format() : other.format())))
                        .as("snapshot %d after the removal of %d", i, index)
                        .isEqualTo(contents.get(i));
            }
        }
    }

    // ---- branches

    @Test
    void a_branch_is_merged_while_the_machine_runs_on_another() {
        revert(0, 5);
        VolumeSnapshot second = snapshots.get(1);
        Change change = plan(1);
        assertThat(change.from()).isEqualTo(snapshots.get(2).snapshot());
        Map<String, String> now = PretendedImages.whole(machine.active());
        assertThat(remove(1, change)).isEqualTo(new Outcome.Done());
        assertThat(Path.of(second.snapshot())).exists();
        assertRemoved(1, change, now);
    }

    @Test
    void an_image_with_two_branches_stays_and_both_are_named() {
        revert(0, 5);
        assertRefused(
                0,
                "2 images lie on",
                snapshots.get(1).snapshot(),
                machine.active().file().toString());
    }

    @Test
    void what_a_revert_gave_up_goes_with_the_snapshot_below_it() {
        String givenUp = machine.active().file().toString();
        revert(1, 5);
        Change change = plan(3);
        assertThat(change.from())
                .isEqualTo(change.to())
                .isEqualTo(snapshots.get(3).snapshot());
        Map<String, String> now = PretendedImages.whole(machine.active());
        assertThat(remove(3, change)).isEqualTo(new Outcome.Done());
        assertThat(Path.of(givenUp)).doesNotExist();
        assertRemoved(3, change, now);
    }

    @Test
    void what_a_revert_gave_up_does_not_hold_up_a_merge() {
        String givenUp = machine.active().file().toString();
        revert(3, 5);
        Change change = plan(3);
        assertThat(change.from()).isEqualTo(machine.active().file().toString());
        Map<String, String> now = PretendedImages.whole(machine.active());
        assertThat(remove(3, change)).isEqualTo(new Outcome.Done());
        assertThat(Path.of(givenUp)).doesNotExist();
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
    }

    @Test
    void what_nobody_knows_of_was_not_given_up() {
        Path stray = directory.resolve("db01.%s.qcow2".formatted(label(9)));
        overlay(stray, new Layer(Path.of(snapshots.get(3).snapshot()), "qcow2"), Map.of("a", "9"));
        assertRefused(3, "2 images lie on", stray.toString());
        revert(1, 5);
        givenUp.remove(snapshots.get(3).active());
        assertRefused(3, "2 images lie on", stray.toString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_a_machine_wrote_to_is_not_given_up_while_its_disk_is_detached_or_has_another_name(boolean renamed) {
        machine.power = Power.OFF;
        VolumeSnapshot newest = snapshots.get(3);
        Change change = plan(3);
        Map<String, String> now = PretendedImages.whole(machine.active());
        machine.detached = true;
        if (renamed) {
            machine.others.put("its own disk sda", List.of(machine.active()));
        }
        assertRefused(3, "has no disk vda");
        assertThat(remove(3, change)).isInstanceOf(Outcome.Refused.class);
        Change leaf = new Change("vda", newest.snapshot(), newest.snapshot(), "qcow2");
        assertThat(remove(3, leaf)).isInstanceOf(Outcome.Refused.class);
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void the_snapshots_that_an_undefined_machine_left_are_merged_with_one_another(int index) {
        Map<String, String> now = PretendedImages.whole(machine.active());
        machine.undefine();
        Change change = plan(index);
        assertThat(remove(index, change)).isEqualTo(new Outcome.Done());
        assertThat(remove(index, change)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
        for (int above = index + 2; above < snapshots.size(); above++) {
            VolumeSnapshot other = snapshots.get(above);
            assertThat(PretendedImages.whole(new Layer(Path.of(other.snapshot()), other.format())))
                    .isEqualTo(contents.get(above));
        }
    }

    @Test
    void what_an_undefined_machine_wrote_last_is_left_to_whoever_may_need_it() throws IOException {
        Map<String, String> now = PretendedImages.whole(machine.active());
        machine.undefine();
        assertRefused(3, "lies on it, which is no snapshot of this machine");
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
        Files.delete(machine.active().file());
        Change leaf = plan(3);
        assertThat(leaf.from()).isEqualTo(leaf.to());
        assertThat(remove(3, leaf)).isEqualTo(new Outcome.Done());
        assertThat(Path.of(leaf.to())).doesNotExist();
    }

    @Test
    void what_a_machine_wrote_to_is_not_given_up_because_it_has_another_image_now() {
        VolumeSnapshot newest = snapshots.get(3);
        Layer was = machine.active();
        Map<String, String> now = PretendedImages.whole(was);
        machine.power = Power.OFF;
        machine.redefine(new Layer(directory.resolve("another.qcow2"), "qcow2"));
        images.create(machine.active().file(), Optional.empty(), Optional.empty());
        assertRefused(3, was.file() + " lies on it, which is no snapshot of this machine");
        Change leaf = new Change("vda", newest.snapshot(), newest.snapshot(), "qcow2");
        assertThat(remove(3, leaf)).isInstanceOf(Outcome.Refused.class);
        assertThat(PretendedImages.whole(was)).isEqualTo(now);
    }

    @Test
    void what_a_revert_gave_up_is_kept_while_another_disk_has_it() {
        Layer was = machine.active();
        revert(1, 5);
        machine.others.put("its own disk sdb", List.of(was));
        assertRefused(3, "is used by its own disk sdb");
    }

    @Test
    void branches_above_what_is_merged_follow_it() {
        // two branches on the third image: the chain, and a revert's
        VolumeSnapshot third = snapshots.get(2);
        revert(2, 5);
        Map<String, String> now = PretendedImages.whole(machine.active());
        Change change = plan(1);
        assertThat(change.from()).isEqualTo(third.snapshot());
        assertThat(remove(1, change)).isEqualTo(new Outcome.Done());
        assertRemoved(1, change, now);
    }

    /** Off, to an overlay on a snapshot's image, and on again. */
    private void revert(int index, int number) {
        machine.power = Power.OFF;
        Plan plan = store().planRevert(snapshots.get(index), label(number));
        assertThat(plan).isInstanceOf(Plan.Ready.class);
        Change change = ((Plan.Ready) plan).change();
        assertThat(change.from()).isEqualTo(machine.active().file().toString());
        for (int i = 0; i < 2; i++) {
            assertThat(store().revert(snapshots.get(index), change, Meter.NONE)).isEqualTo(new Outcome.Done());
        }
        machine.redefine(new Layer(Path.of(change.to()), change.format()));
        assertThat(store().revert(snapshots.get(index), change, Meter.NONE)).isEqualTo(new Outcome.AlreadyDone());
        written.add(change.to());
        givenUp.add(change.from());
        assertThat(PretendedImages.whole(machine.active())).isEqualTo(contents.get(index));
        images.write(machine.active().file(), Map.of("f", "" + number));
        machine.power = Power.ON;
    }

    // ---- refusals

    @Test
    void somebody_elses_overlay_keeps_an_image() throws IOException {
        Path foreign = directory.resolve("clone of db01.qcow2");
        overlay(foreign, new Layer(Path.of(snapshots.get(1).snapshot()), "qcow2"), Map.of());
        assertRefused(1, "2 images lie on", foreign.toString());
        assertRefused(0, foreign + " lies on " + snapshots.get(1).snapshot());
        Files.delete(Path.of(snapshots.get(1).active()));
        assertRefused(1, foreign + " lies on it, which is no snapshot of this machine");
    }

    @Test
    void an_overlay_in_another_folder_is_found_through_the_machine_that_uses_it() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("db02.qcow2");
        overlay(elsewhere, new Layer(Path.of(snapshots.get(2).snapshot()), "qcow2"), Map.of());
        machine.others.put("db02", List.of(new Layer(elsewhere, "qcow2")));
        assertRefused(2, "2 images lie on", elsewhere.toString());
        assertRefused(1, "is used by db02");
        assertRefused(0, "is used by db02");
        Files.delete(elsewhere);
        Files.delete(elsewhere.getParent());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_header_that_a_guest_wrote_into_its_raw_disk_keeps_no_image(boolean merge) {
        Path raw = directory.resolve("evil.raw");
        overlay(raw, new Layer(Path.of(snapshots.get(0).snapshot()), "raw"), Map.of());
        if (merge) {
            assertRefused(0, "2 images lie on");
        }
        machine.others.put("evil", List.of(new Layer(raw, "raw")));
        machine.power = Power.OFF;
        Change change = plan(0);
        Map<String, String> now = PretendedImages.whole(machine.active());
        assertThat(remove(0, change)).isEqualTo(new Outcome.Done());
        assertRemoved(0, change, now);
        assertThat(raw).exists();
    }

    @Test
    void a_machine_whose_image_cannot_be_read_elsewhere_does_not_stop_the_others() throws IOException {
        Path away = Files.createDirectories(directory.resolve("elsewhere"));
        Path unreadable = away.resolve("db02.qcow2");
        // a regular file as far as can be told, of which nothing can be read
        Files.createSymbolicLink(unreadable, Path.of("/proc/self/mem"));
        machine.others.put("db02", List.of(new Layer(unreadable, "qcow2")));
        assertThat(plan(1).from()).isEqualTo(snapshots.get(1).active());
        Files.delete(unreadable);
        Files.delete(away);
    }

    @Test
    void an_image_that_is_linked_to_is_the_same_image() throws IOException {
        Path link = Files.createSymbolicLink(
                directory.resolve("other.qcow2"), Path.of(snapshots.get(2).snapshot()));
        Path foreign = directory.resolve("on-link.qcow2");
        overlay(foreign, new Layer(link, "qcow2"), Map.of());
        assertRefused(2, "2 images lie on", foreign.toString());
    }

    @ParameterizedTest
    @CsvSource({"ON", "OFF"})
    void the_journals_own_name_of_an_image_is_moved_whatever_libvirt_calls_it(Power power) throws IOException {
        Path elsewhere =
                Files.createSymbolicLink(directory.resolveSibling(directory.getFileName() + "-link"), directory);
        for (int i = 3; i > 0; i--) {
            images.relink(
                    Path.of(snapshots.get(i).active()),
                    elsewhere.resolve(Path.of(snapshots.get(i).snapshot()).getFileName()));
        }
        machine.redefine(new Layer(elsewhere.resolve(machine.active().file().getFileName()), "qcow2"));
        machine.power = power;
        for (int index : List.of(1, 3)) {
            Change change = plan(index);
            assertThat(change.from()).isEqualTo(snapshots.get(index).active()).doesNotContain(elsewhere.toString());
            Map<String, String> now = PretendedImages.whole(machine.active());
            assertThat(remove(index, change)).isEqualTo(new Outcome.Done());
            assertThat(PretendedImages.whole(machine.active())).isEqualTo(now);
            assertThat(Path.of(change.from())).doesNotExist();
        }
        Files.delete(elsewhere);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void an_image_that_keeps_its_data_in_another_file_is_not_merged(int layer) throws IOException {
        try (var file = FileChannel.open(Path.of(snapshots.get(layer).snapshot()), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(8).putLong(0, 0b100), 72);
        }
        images.given.clear();
        assertRefused(1, "keeps its data in another file");
        assertThat(images.given).isEmpty();
    }

    @Test
    void a_job_of_somebody_elses_is_waited_for() {
        machine.job = true;
        assertRefused(1, "a block job runs on vda");
    }

    @Test
    void memory_that_is_saved_knows_the_images_as_they_are() {
        machine.power = Power.UNCLEAR;
        assertRefused(1, "neither on nor off");
    }

    @Test
    void a_disk_that_was_made_smaller_is_not_merged() {
        images.resize(Path.of(snapshots.get(2).active()), 1 << 16);
        assertRefused(2, "the disk was made smaller after the snapshot");
        assertThat(plan(1)).isNotNull();
    }

    @Test
    void a_merge_that_would_fill_the_disk_is_refused_with_numbers() {
        Plan plan = store(Long.MAX_VALUE / 2).planRemoval(snapshots.get(1), relatives(1));
        assertThat(plan)
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).contains("MiB are free"));
    }

    @Test
    void an_image_that_the_machine_writes_to_is_no_snapshot_any_more_and_stays() throws IOException {
        VolumeSnapshot last = snapshots.get(3);
        machine.redefine(new Layer(Path.of(last.snapshot()), "qcow2"));
        Files.delete(Path.of(last.active()));
        assertThat(store().condition(last)).isEqualTo(new Condition.Absent());
        assertThat(store().open(last)).isInstanceOf(View.Refused.class);
        Change change = plan(3);
        assertThat(change.from()).isEqualTo(change.to());
        assertThat(remove(3, change)).isEqualTo(new Outcome.AlreadyDone());
        assertThat(Path.of(last.snapshot())).exists();
    }

    @Test
    void a_users_own_image_is_never_removed() {
        machine.redefine(new Layer(directory.resolve("another.qcow2"), "qcow2"));
        images.create(directory.resolve("another.qcow2"), Optional.empty(), Optional.empty());
        givenUp.add(snapshots.get(3).active());
        for (int i = 3; i >= 0; i--) {
            if (i > 0) {
                Change change = plan(i);
                assertThat(remove(i, change)).isEqualTo(new Outcome.Done());
                snapshots.remove(i);
            }
        }
        assertRefused(0, "was not made by Stillframe");
        assertThat(directory.resolve("db01.raw")).exists();
    }

    @Test
    void an_image_that_is_gone_has_been_removed() throws IOException {
        Files.delete(Path.of(snapshots.get(3).active()));
        Files.delete(Path.of(snapshots.get(3).snapshot()));
        Change change = plan(3);
        assertThat(change.from()).isEqualTo(change.to());
        assertThat(remove(3, change)).isEqualTo(new Outcome.AlreadyDone());
    }

    @ParameterizedTest
    @CsvSource({"0, OFF", "1, OFF", "3, OFF"})
    void a_removal_is_not_done_while_its_storage_is_not_mounted(int index, Power power) throws IOException {
        int deaths = 0;
        for (boolean died = true; died; deaths++) {
            fourSnapshots();
            machine.power = power;
            Change change = plan(index);
            Map<String, String> now = PretendedImages.whole(machine.active());
            died = removeDyingAt(deaths, index, change);
            Path away = unmounted();
            assertThat(remove(index, change)).isInstanceOf(Outcome.Indeterminate.class);
            mounted(away);
            assertThat(remove(index, change)).isInstanceOfAny(Outcome.Done.class, Outcome.AlreadyDone.class);
            assertRemoved(index, change, now);
        }
        assertThat(deaths).isGreaterThan(1);
    }

    @Test
    void a_removal_is_not_done_while_a_machine_names_what_is_not_there() throws IOException {
        machine.power = Power.OFF;
        for (int index : List.of(1, 3)) {
            Change change = plan(index);
            Path upper = Path.of(change.from());
            Path aside = Files.move(upper, directory.resolve("aside"));
            assertThat(remove(index, change)).isInstanceOf(Outcome.Indeterminate.class);
            Files.move(aside, upper);
        }
    }

    @Test
    void a_snapshot_whose_storage_is_not_mounted_is_not_removed() throws IOException {
        Change leaf =
                new Change("vda", snapshots.get(3).snapshot(), snapshots.get(3).snapshot(), "qcow2");
        Path away = unmounted();
        machine.power = Power.OFF;
        assertRefused(3, "is not there");
        assertThat(remove(3, leaf)).isInstanceOf(Outcome.Indeterminate.class);
        mounted(away);
    }

    private Path unmounted() throws IOException {
        Path away = Files.createDirectories(directory.resolveSibling(directory.getFileName() + "-away"));
        moveAll(directory, away);
        return away;
    }

    private void mounted(Path away) throws IOException {
        moveAll(away, directory);
        Files.delete(away);
    }

    private static void moveAll(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.move(file, to.resolve(file.getFileName()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_upper_image_that_a_qemu_has_open_stays_until_it_is_free(boolean on) throws Exception {
        machine.power = on ? Power.ON : Power.OFF;
        Change change = plan(1);
        try (LockingChild qemu = LockingChild.of(Path.of(change.from()))) {
            assertThat(qemu).isNotNull();
            assertThat(remove(1, change)).isInstanceOf(Outcome.Indeterminate.class);
            assertThat(Path.of(change.from())).exists();
        }
        Map<String, String> now = PretendedImages.whole(machine.active());
        assertThat(remove(1, change)).isEqualTo(new Outcome.Done());
        assertRemoved(1, change, now);
    }

    @Test
    void what_has_come_to_lie_there_since_the_plan_stops_a_removal_that_is_not_begun() {
        machine.power = Power.OFF;
        Change change = plan(1);
        Path foreign = directory.resolve("late.qcow2");
        overlay(foreign, new Layer(Path.of(change.to()), "qcow2"), Map.of());
        Map<String, String> seen = PretendedImages.whole(new Layer(foreign, "qcow2"));
        assertThat(remove(1, change)).isInstanceOf(Outcome.Refused.class);
        assertThat(PretendedImages.whole(new Layer(foreign, "qcow2"))).isEqualTo(seen);
    }

    @Test
    void a_merge_that_nobody_runs_keeps_to_the_rate_too() {
        machine.power = Power.OFF;
        Change change = plan(1);
        var slow = new Qcow2Store(machine, images, new Qcow2Store.Options(0, 52428800, directory.resolve("open")));
        assertThat(slow.remove(snapshots.get(1), change, relatives(1), Meter.NONE))
                .isEqualTo(new Outcome.Done());
        assertThat(images.given).contains("qemu-img commit -p -d -f qcow2 -r 52428800 " + change.from());
    }

    /** The daemon that shows a snapshot holds QEMU's lock on every image below it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_snapshot_further_up_that_is_open_is_named_and_keeps_all_below_it(int open) throws Exception {
        String name = label(open + 1);
        Path view = directory.toRealPath().resolve("open").resolve(name).resolve("vda.raw");
        String export =
                "{\"type\":\"fuse\",\"id\":\"export\",\"node-name\":\"image\",\"mountpoint\":\"%s\",\"writable\":"
                                .formatted(view)
                        + "false,\"allow-other\":\"off\"}";
        Process daemon = new ProcessBuilder(
                        "bash", "-c", "exec -a qemu-storage-daemon bash -c 'echo; read -r' _ \"$1\"", "_", export)
                .start();
        try {
            assertThat(daemon.getInputStream().read()).isEqualTo('\n');
            assertRefused(open - 1, name, "is open");
            assertRefused(0, name, "is open");
        } finally {
            daemon.destroy();
            var unused = daemon.waitFor();
        }
        assertThat(plan(0).from()).isEqualTo(snapshots.get(0).active());
    }

    private void assertRefused(int index, String... mentions) {
        assertThat(store().planRemoval(snapshots.get(index), relatives(index)))
                .isInstanceOfSatisfying(Plan.Refused.class, refused -> {
                    assertThat(refused.reason()).contains(mentions);
                    assertThat(refused.hint()).isNotEmpty();
                });
    }

    private Change plan(int index) {
        Plan plan = store().planRemoval(snapshots.get(index), relatives(index));
        assertThat(plan).isInstanceOf(Plan.Ready.class);
        return ((Plan.Ready) plan).change();
    }

    private Outcome remove(int index, Change change) {
        return store().remove(snapshots.get(index), change, relatives(index), Meter.NONE);
    }

    private Relatives relatives(int index) {
        List<VolumeSnapshot> others = new ArrayList<>(snapshots);
        others.remove(index);
        return new Relatives(others, written, givenUp);
    }

    private Qcow2Store store() {
        return store(0);
    }

    private Qcow2Store store(long minimumFree) {
        return new Qcow2Store(machine, images, new Qcow2Store.Options(minimumFree, 0, directory.resolve("open")));
    }

    private static String label(int number) {
        return "sf-%012d".formatted(number);
    }
}
