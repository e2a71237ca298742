package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.View;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.zfs.FakeZfs.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZvolStoreTest {
    private static final String FIRST = "sf-000000000001";
    private static final String SECOND = "sf-000000000002";
    private static final String CLONE = "sf-00000000000c";

    private FakeHost fake;
    private FakeZfs zfs;
    private ZfsDriver driver;
    private ZfsStore store;
    private Path device;
    private VolumeSnapshot first;

    @BeforeEach
    void aZvolWithASnapshot(@TempDir Path directory) throws Exception {
        fake = new FakeHost(directory);
        zfs = fake.zfs;
        driver = new ZfsDriver("db01", zfs, new ZfsDriver.Limits(0, 80, 95), fake.host);
        store = new ZfsStore("db01", zfs, directory.resolve("open"), fake.host);
        device = Path.of(fake.zvol("vda", "tank/vms/db01").source());
        first = snapshot(FIRST);
        Files.writeString(device, "what the guest wrote later".repeat(2000));
        zfs.given.clear();
    }

    // ---- condition

    @Test
    void a_snapshot_tells_what_its_removal_would_free() {
        assertThat(store.condition(first))
                .isEqualTo(new Condition.Present(OptionalLong.of(4096), OptionalDouble.empty()));
    }

    @Test
    void a_snapshot_that_is_gone_is_absent_and_one_of_another_is_not_ours() {
        zfs.things.remove("tank/vms/db01@" + FIRST);
        assertThat(store.condition(first)).isEqualTo(new Condition.Absent());
        zfs.things.put("tank/vms/db01@" + FIRST, new HashMap<>(Map.of("used", "0\t-")));
        assertThat(store.condition(first)).isInstanceOf(Condition.Lost.class);
    }

    @Test
    void a_snapshot_that_went_with_its_dataset_is_not_called_gone() {
        VolumeSnapshot other = snapshot("sf-000000000009");
        zfs.things.put(
                "tank/vms/db01-log@" + FIRST,
                new HashMap<>(Map.of(Marks.RUN, FIRST, Marks.DATASETS, "tank/vms/db01,tank/vms/db01-log")));
        zfs.things.put(
                "tank/theirs@" + FIRST,
                new HashMap<>(Map.of(Marks.RUN, FIRST + "\treceived", Marks.DATASETS, "tank/vms/db01")));
        Map<String, String> marks = zfs.things.remove("tank/vms/db01@" + FIRST);
        assertThat(store.condition(first))
                .as("another disk has its own, and a copy is another")
                .isEqualTo(new Condition.Absent());

        zfs.things.put("tank/old@" + FIRST, marks);
        String reason =
                "tank/vms/db01@%1$s is not there, but tank/old@%1$s is of its run and was not taken there: a dataset was renamed, or a clone promoted"
                        .formatted(FIRST);
        assertThat(store.condition(first)).isEqualTo(new Condition.Unknown(reason));
        assertThat(store.planRemoval(first, Relatives.NONE))
                .isEqualTo(new Plan.Refused(
                        reason, "give the dataset its name back, or promote the one it was cloned from"));
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Refused(reason));
        assertThat(store.condition(other)).isInstanceOf(Condition.Present.class);

        assertThat(driver.discard(List.of(first))).isInstanceOf(Indeterminate.class);
    }

    @Test
    void of_a_pool_that_is_not_there_nothing_is_known() {
        zfs.pools.clear();
        zfs.things.remove("tank/vms/db01@" + FIRST);
        assertThat(store.condition(first)).isInstanceOf(Condition.Unknown.class);
    }

    // ---- open, close

    @Test
    void a_snapshot_is_read_through_a_clone_that_cannot_be_written_and_is_held() throws Exception {
        View view = store.open(first);
        assertThat(view)
                .isEqualTo(new View.Opened(fake.host.dev().resolve("zvol/tank/vms/%s.vda.view".formatted(FIRST))));
        assertThat(((View.Opened) view).path()).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.effects())
                .containsExactly(
                        "zfs hold stillframe:view:vda tank/vms/db01@" + FIRST,
                        "zfs clone -o io.stillframe:clone=view:%1$s -o io.stillframe:vm=db01 -o readonly=on -o volmode=dev -o com.sun:auto-snapshot=false tank/vms/db01@%1$s tank/vms/%1$s.vda.view"
                                .formatted(FIRST));
        assertThat(store.open(first)).isEqualTo(view);
        assertThat(store.close(first)).isEqualTo(new Done());
        assertThat(store.close(first)).isEqualTo(new AlreadyDone());
        assertThat(zfs.holds.get("tank/vms/db01@" + FIRST)).isEmpty();
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Done());
    }

    @Test
    void what_is_open_is_not_removed() {
        store.open(first);
        String users =
                "tank/vms/db01@%1$s is in use: hold stillframe:view:vda, clone tank/vms/%1$s.vda.view".formatted(FIRST);
        assertThat(store.planRemoval(first, Relatives.NONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(users));
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Refused(users));
        assertThat(driver.discard(List.of(first))).isInstanceOf(Refused.class);
    }

    @Test
    void a_view_in_use_stays_held() {
        store.open(first);
        zfs.refusals.put("destroy", "cannot destroy 'x': dataset is busy");
        assertThat(store.close(first)).isEqualTo(new Refused("zfs destroy: cannot destroy 'x': dataset is busy"));
        assertThat(zfs.holds.get("tank/vms/db01@" + FIRST)).containsExactly("stillframe:view:vda");
    }

    @Test
    void whoever_looks_at_a_view_for_a_moment_keeps_it_from_nothing() {
        store.open(first);
        zfs.looking.add("destroy");
        assertThat(store.close(first)).isEqualTo(new Done());
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.view".formatted(FIRST));
        assertThat(zfs.holds.get("tank/vms/db01@" + FIRST)).isEmpty();
    }

    @Test
    void something_elses_in_the_views_place_is_neither_shown_nor_removed() {
        fake.zvol("vdx", "tank/vms/%s.vda.view".formatted(FIRST));
        assertThat(store.open(first)).isInstanceOf(View.Refused.class);
        assertThat(zfs.holds.get("tank/vms/db01@" + FIRST)).isEmpty();
        assertThat(store.close(first)).isEqualTo(new AlreadyDone());
        assertThat(zfs.things).containsKey("tank/vms/%s.vda.view".formatted(FIRST));
    }

    @Test
    void a_format_above_the_zvol_is_no_raw_disk() {
        VolumeSnapshot qcow2 =
                new VolumeSnapshot("vda", "zfs", first.snapshot(), "qcow2", first.active(), first.quiesce());
        assertThat(store.open(qcow2)).isInstanceOf(View.Refused.class);
        assertThat(zfs.holds.get("tank/vms/db01@" + FIRST)).isEmpty();
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.view".formatted(FIRST));
    }

    @Test
    void what_is_not_there_cannot_be_opened_cloned_or_reverted_to() {
        zfs.things.remove("tank/vms/db01@" + FIRST);
        assertThat(store.open(first)).isInstanceOf(View.Refused.class);
        assertThat(store.planClone(first, CLONE)).isInstanceOf(Plan.Refused.class);
        assertThat(store.makeClone(first, cloning(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(store.planRevert(first, CLONE)).isInstanceOf(Plan.Refused.class);
        assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(store.close(first)).isEqualTo(new AlreadyDone());
        assertThat(store.planRemoval(first, Relatives.NONE)).isEqualTo(new Plan.Ready(removal()));
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new AlreadyDone());
    }

    // ---- clone

    @Test
    void a_clone_is_a_zvol_beside_the_first() throws Exception {
        assertThat(store.planClone(first, CLONE)).isEqualTo(new Plan.Ready(cloning()));
        assertThat(zfs.effects()).isEmpty();
        assertThat(store.makeClone(first, cloning(), Meter.NONE)).isEqualTo(new Done());
        assertThat(zfs.effects())
                .containsExactly(
                        "zfs clone -o io.stillframe:clone=%2$s.vda -o io.stillframe:vm=db01 tank/vms/db01@%1$s tank/vms/%2$s.vda"
                                .formatted(FIRST, CLONE));
        assertThat(Path.of(cloning().to())).hasBinaryContent(FakeHost.CONTENT);
        assertThat(store.makeClone(first, cloning(), Meter.NONE)).isEqualTo(new AlreadyDone());
        assertThat(store.planRemoval(first, Relatives.NONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason())
                                .isEqualTo(
                                        "tank/vms/db01@%s is in use: clone tank/vms/%s.vda".formatted(FIRST, CLONE)));
        assertThat(store.removeClone(first, cloning())).isEqualTo(new Done());
        assertThat(store.removeClone(first, cloning())).isEqualTo(new AlreadyDone());
        assertThat(store.planRemoval(first, Relatives.NONE)).isInstanceOf(Plan.Ready.class);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void a_clone_whose_answer_was_lost_is_taken_up(Fault fault) {
        zfs.faults.put("clone", fault);
        assertThat(store.makeClone(first, cloning(), Meter.NONE)).isInstanceOf(Indeterminate.class);
        assertThat(store.makeClone(first, cloning(), Meter.NONE))
                .isEqualTo(fault == Fault.KILLED_AFTER ? new AlreadyDone() : new Done());
    }

    @Test
    void a_foreign_zvol_in_the_clones_place_is_refused_and_stays() {
        fake.zvol("vdx", "tank/vms/%s.vda".formatted(CLONE));
        assertThat(store.planClone(first, CLONE)).isInstanceOf(Plan.Refused.class);
        assertThat(store.makeClone(first, cloning(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(store.removeClone(first, cloning())).isEqualTo(new AlreadyDone());
        assertThat(zfs.things).containsKey("tank/vms/%s.vda".formatted(CLONE));
    }

    @Test
    void a_clone_with_snapshots_of_its_own_is_not_removed() {
        store.makeClone(first, cloning(), Meter.NONE);
        zfs.things.put("tank/vms/%s.vda@monday".formatted(CLONE), new HashMap<>());
        assertThat(store.removeClone(first, cloning())).isInstanceOf(Refused.class);
    }

    // ---- revert

    @Test
    void the_newest_snapshot_is_written_back_too_and_costs_none_that_somebody_makes_meanwhile() throws Exception {
        assertThat(store.planRevert(first, CLONE)).isInstanceOfSatisfying(Plan.Ready.class, ready -> {
            assertThat(ready.change()).isEqualTo(reverting());
            assertThat(ready.demand()).isPresent();
        });
        assertThat(store.revert(
                        first, reverting(), (done, total) -> zfs.things.put("tank/vms/db01@monday", new HashMap<>())))
                .isEqualTo(new Done());
        assertThat(zfs.effects())
                .containsExactly(
                        "zfs hold stillframe:revert:vda tank/vms/db01@" + FIRST,
                        "zfs clone -o io.stillframe:clone=revert:%1$s -o io.stillframe:vm=db01 -o readonly=on -o volmode=dev -o com.sun:auto-snapshot=false tank/vms/db01@%1$s tank/vms/%1$s.vda.revert"
                                .formatted(FIRST),
                        "zfs set volsize=%d tank/vms/db01".formatted(FakeHost.CONTENT.length),
                        "zfs release stillframe:revert:vda tank/vms/db01@" + FIRST,
                        "zfs destroy tank/vms/%s.vda.revert".formatted(FIRST));
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.things).containsKey("tank/vms/db01@monday");
    }

    @Test
    void an_older_snapshot_is_written_back_and_costs_no_newer_one() throws Exception {
        VolumeSnapshot second = snapshot(SECOND);
        byte[] later = Files.readAllBytes(device);
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.revert".formatted(FIRST));
        assertThat(store.revert(second, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(later);
        assertThat(store.condition(first)).isInstanceOf(Condition.Present.class);
        assertThat(store.condition(second)).isInstanceOf(Condition.Present.class);
    }

    @Test
    void a_zvol_that_was_resized_since_gets_the_size_it_had() throws Exception {
        Files.write(device, Arrays.copyOf(FakeHost.CONTENT, 100));
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(zfs.effects()).contains("zfs set volsize=%d tank/vms/db01".formatted(FakeHost.CONTENT.length));
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
    }

    @Test
    void a_revert_that_was_interrupted_is_carried_through_by_the_next_call() throws Exception {
        interruptTheRevert();
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.revert".formatted(FIRST));
    }

    /** A recursive snapshot of the pool, say: whatever asks for no property takes one of the reader, too. */
    @Test
    void a_revert_is_done_though_its_reader_has_a_snapshot_by_now_and_the_reader_goes_with_the_snapshot()
            throws Exception {
        revertWhileTheReaderIsSnapshot();
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.holds.get("tank/vms/db01@" + FIRST)).isEmpty();
        String users = "tank/vms/db01@%1$s is in use: clone tank/vms/%1$s.vda.revert".formatted(FIRST);
        assertThat(store.planRemoval(first, Relatives.NONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(users));
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Refused(users));

        zfs.things.remove(readersSnapshot());
        assertThat(store.planRemoval(first, Relatives.NONE)).isEqualTo(new Plan.Ready(removal()));
        zfs.refusals.put("destroy", "cannot destroy 'x': dataset is busy");
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE))
                .isEqualTo(new Refused("zfs destroy: cannot destroy 'x': dataset is busy"));
        zfs.refusals.clear();
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Done());
        assertThat(zfs.things).doesNotContainKeys("tank/vms/%s.vda.revert".formatted(FIRST), first.snapshot());
    }

    @Test
    void a_reader_that_an_earlier_revert_left_is_not_taken_for_a_revert_that_has_begun() throws Exception {
        revertWhileTheReaderIsSnapshot();
        Files.writeString(device, "what the guest wrote since".repeat(2000));
        byte[] now = Files.readAllBytes(device);
        zfs.things.get("tank/vms/db01").put("available", "10000\t-");
        assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(device).hasBinaryContent(now);
        zfs.things.get("tank/vms/db01").put("available", "1000000000\t-");
        zfs.things.remove(readersSnapshot());
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.revert".formatted(FIRST));
    }

    @Test
    void a_pool_without_room_to_write_back_refuses_with_numbers_before_anything_is_written() throws Exception {
        zfs.things.get("tank/vms/db01").put("written@" + FIRST, (3L << 40) + "\t-");
        zfs.things.get("tank/vms/db01").put("available", "10000\t-");
        byte[] now = Files.readAllBytes(device);
        String reason = "tank/vms/db01 has 0 MiB free, up to 0 MiB may be needed to write back what has changed since";
        assertThat(store.planRevert(first, CLONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Refused(reason));
        assertThat(device).hasBinaryContent(now);
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.revert".formatted(FIRST));
        assertThat(store.planRemoval(first, Relatives.NONE)).isInstanceOf(Plan.Ready.class);
    }

    @Test
    void a_revert_that_was_begun_is_carried_through_however_little_room_there_seems_to_be() throws Exception {
        interruptTheRevert();
        zfs.things.get("tank/vms/db01").put("written@" + FIRST, (3L << 40) + "\t-");
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
    }

    /** In bytes: what the snapshot has, what the zvol has now, what of it was written since; there is room for 10,000. */
    @ParameterizedTest
    @CsvSource({
        "30000, 30000, 8000, lz4, true",
        "30000, 30000, 12000, lz4, false",
        // discarded: nothing was written, and all of it is to be written again
        "30000, 10000, 0, lz4, false",
        "30000, 25000, 0, lz4, true",
        // what was written where the snapshot has nothing becomes nothing again only with compression
        "30000, 38000, 8000, off, true",
        "30000, 32000, 8000, lz4, true",
        "30000, 32000, 8000, off, false"
    })
    void what_was_freed_since_needs_room_and_zeros_do_without_compression(
            long had, long has, long written, String compression, boolean enough) {
        zfs.things.get("tank/vms/db01@" + FIRST).put("referenced", had + "\t-");
        zfs.things
                .get("tank/vms/db01")
                .putAll(Map.of(
                        "available",
                        "10000\t-",
                        "referenced",
                        has + "\t-",
                        "written@" + FIRST,
                        written + "\tlocal",
                        "compression",
                        compression + "\tinherited from tank"));
        assertThat(store.planRevert(first, CLONE)).isInstanceOf(enough ? Plan.Ready.class : Plan.Refused.class);
    }

    @Test
    void one_that_cannot_give_the_zvol_its_size_leaves_everything_as_before() throws Exception {
        Files.write(device, Arrays.copyOf(FakeHost.CONTENT, 100));
        byte[] now = Files.readAllBytes(device);
        zfs.refusals.put("set", "cannot set property: out of space");
        assertThat(store.revert(first, reverting(), Meter.NONE))
                .isEqualTo(new Refused("zfs set: cannot set property: out of space"));
        assertThat(device).hasBinaryContent(now);
        assertThat(store.giveUpRevert(first, reverting())).as("nothing is left").isEqualTo(new AlreadyDone());
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void one_that_may_have_cut_the_zvol_is_not_called_refused(Fault fault) throws Exception {
        Files.write(device, Arrays.copyOf(Files.readAllBytes(device), 2 * FakeHost.CONTENT.length));
        zfs.faults.put("set", fault);
        assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Indeterminate.class);
        assertThat(store.planRemoval(first, Relatives.NONE))
                .as("it has to be carried through")
                .isInstanceOf(Plan.Refused.class);
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hold", "clone", "release"})
    void one_whose_command_was_killed_is_carried_through_or_given_up_and_leaves_nothing(String verb) throws Exception {
        for (Fault fault : Fault.values()) {
            zfs.faults.put(verb, fault);
            assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Indeterminate.class);
            assertThat(store.giveUpRevert(first, reverting())).matches(Outcome::settled);
            assertThat(store.giveUpRevert(first, reverting())).isEqualTo(new AlreadyDone());
            zfs.faults.put(verb, fault);
            assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Indeterminate.class);
            assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
            assertThat(device).hasBinaryContent(FakeHost.CONTENT);
            assertThat(store.planRemoval(first, Relatives.NONE)).isInstanceOf(Plan.Ready.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"destroy, KILLED_BEFORE", "destroy, KILLED_AFTER", "destroy, HUNG", "settle, HUNG"})
    void one_that_was_written_back_is_done_whatever_becomes_of_its_reader(String verb, Fault fault) {
        zfs.faults.put(verb, fault);
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Done());
        assertThat(zfs.things).doesNotContainKey("tank/vms/%s.vda.revert".formatted(FIRST));
    }

    @Test
    void one_that_goes_on_and_cannot_give_the_zvol_its_size_is_not_called_done() throws Exception {
        interruptTheRevert();
        Files.write(device, Arrays.copyOf(FakeHost.CONTENT, 100));
        zfs.refusals.put("set", "cannot set property: out of space");
        assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Indeterminate.class);
        zfs.refusals.clear();
        assertThat(store.revert(first, reverting(), Meter.NONE)).isEqualTo(new Done());
        assertThat(device).hasBinaryContent(FakeHost.CONTENT);
    }

    /** A node of the kernel's, or somebody's link, may be another zvol after a reboot. */
    @Test
    void a_path_that_leads_to_another_zvol_by_now_is_neither_planned_for_nor_written_to() throws Exception {
        Path link = Files.createSymbolicLink(fake.images.resolve("link"), device);
        VolumeSnapshot byLink =
                new VolumeSnapshot("vda", "zfs", first.snapshot(), "raw", link.toString(), first.quiesce());
        Change change = new Change("vda", link.toString(), link.toString(), "raw");
        assertThat(store.planRevert(byLink, CLONE))
                .isInstanceOfSatisfying(
                        Plan.Ready.class, ready -> assertThat(ready.change()).isEqualTo(change));

        Path other = Path.of(fake.zvol("vdb", "tank/vms/other").source());
        Files.delete(link);
        Files.createSymbolicLink(link, other);
        byte[] now = Files.readAllBytes(device);
        assertThat(store.planRevert(byLink, CLONE))
                .isInstanceOfSatisfying(
                        Plan.Refused.class,
                        refused -> assertThat(refused.reason())
                                .isEqualTo("%s is not what tank/vms/db01@%s is of any more".formatted(link, FIRST)));
        assertThat(store.revert(byLink, change, Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(device).hasBinaryContent(now);
        assertThat(zfs.effects()).isEmpty();
    }

    @Test
    void a_snapshot_that_was_sent_to_another_pool_of_the_name_is_still_ours() {
        zfs.things.get("tank/vms/db01@" + FIRST).put(Marks.RUN, FIRST + "\treceived");
        assertThat(store.condition(first)).isInstanceOf(Condition.Present.class);
        zfs.things.get("tank/vms/db01@" + FIRST).put(Marks.RUN, FIRST + "\tinherited from tank/vms/db01");
        assertThat(store.condition(first)).isInstanceOf(Condition.Lost.class);
        zfs.things.get("tank/vms/db01@" + FIRST).put(Marks.RUN, FIRST + "\treceived");
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Done());
    }

    @Test
    void a_revert_that_is_given_up_no_longer_keeps_its_snapshot() {
        interruptTheRevert();
        assertThat(store.planRemoval(first, Relatives.NONE)).isInstanceOf(Plan.Refused.class);
        assertThat(store.giveUpRevert(first, reverting())).isEqualTo(new Done());
        assertThat(store.giveUpRevert(first, reverting())).isEqualTo(new AlreadyDone());
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Done());
    }

    @Test
    void a_zvol_without_its_device_is_refused_and_nothing_is_begun() throws Exception {
        Files.delete(device);
        assertThat(store.revert(first, reverting(), Meter.NONE)).isInstanceOf(Refused.class);
        assertThat(zfs.effects()).isEmpty();
    }

    // ---- remove

    @Test
    void a_snapshot_is_removed_from_the_middle_and_the_others_stay() {
        VolumeSnapshot second = snapshot(SECOND);
        VolumeSnapshot third = snapshot("sf-000000000003");
        assertThat(store.remove(second, removal(), Relatives.NONE, Meter.NONE)).isEqualTo(new Done());
        assertThat(store.condition(first)).isInstanceOf(Condition.Present.class);
        assertThat(store.condition(second)).isInstanceOf(Condition.Absent.class);
        assertThat(store.condition(third)).isInstanceOf(Condition.Present.class);
    }

    @Test
    void a_snapshot_that_somebody_holds_is_refused_by_the_holders_name() {
        zfs.holds.put("tank/vms/db01@" + FIRST, new HashSet<>(Set.of("backup")));
        assertThat(store.remove(first, removal(), Relatives.NONE, Meter.NONE))
                .isEqualTo(new Refused("tank/vms/db01@%s is in use: hold backup".formatted(FIRST)));
    }

    /** As soon as it tells how far it has come. */
    private void interruptTheRevert() {
        assertThatThrownBy(() -> store.revert(first, reverting(), (done, total) -> {
                    throw new IllegalStateException("Ctrl-C");
                }))
                .hasMessage("Ctrl-C");
    }

    /** Of which somebody has made a snapshot before it is removed. */
    private void revertWhileTheReaderIsSnapshot() {
        assertThat(store.revert(
                        first, reverting(), (done, total) -> zfs.things.put(readersSnapshot(), new HashMap<>())))
                .isEqualTo(new Done());
    }

    private static String readersSnapshot() {
        return "tank/vms/%s.vda.revert@monday".formatted(FIRST);
    }

    private VolumeSnapshot snapshot(String label) {
        VolumeSnapshot planned = driver.plan(
                        label, List.of(new Volume("vda", "block", device.toString(), "raw", 1, true, "none")))
                .get(0);
        assertThat(driver.create(List.of(planned))).isEqualTo(new Done());
        return planned;
    }

    private Change cloning() {
        return new Change(
                "vda",
                "tank/vms/db01@" + FIRST,
                fake.host.dev().resolve("zvol/tank/vms/%s.vda".formatted(CLONE)).toString(),
                "raw");
    }

    private Change reverting() {
        return new Change("vda", device.toString(), device.toString(), "raw");
    }

    private Change removal() {
        return new Change("vda", first.snapshot(), first.snapshot(), "raw");
    }
}
