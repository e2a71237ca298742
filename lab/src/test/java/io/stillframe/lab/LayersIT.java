package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.DiskImage;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.lab.LabGuest.Records;
import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of snapshots that are images, on a real machine whose guest writes all the time. */
@Tag("long")
class LayersIT {
    /** So slow that a merge of some MiB can be met while it is under way, and faster than the guest writes. */
    private static final long SLOW = 4 << 20;

    private static final int MEBIBYTES = 12;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_oldest_a_middle_and_the_newest_snapshot_go_and_the_others_hold_what_they_held(boolean running) {
        try (LabGuest guest = LabGuest.up("it-layers", "--disk", running ? "ext4:raw" : "ext4");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(4, 2)) {
            powerOff(guest, !running);
            for (int index : new int[] {0, 1, 1}) {
                List<Long> told = new ArrayList<>();
                snapshots.remove(index, snapshots.plan(index), 0, (done, total) -> told.add(done));
                assertThat(told).isNotEmpty().isSorted();
                snapshots.areWhatTheyWere();
            }
            goesOn(guest, !running);
            snapshots.areWhatTheyWere();
            assertThat(snapshots.count()).isEqualTo(1);
        }
    }

    @Test
    void a_merge_killed_at_ten_random_moments_is_carried_through() {
        long seed = System.nanoTime();
        Random dice = new Random(seed);
        System.out.println("seed " + seed);
        try (LabGuest guest = LabGuest.up("it-killed-merge");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, MEBIBYTES)) {
            int underWay = 0;
            for (int kill = 0; kill < 10; kill++) {
                snapshots.take(1, MEBIBYTES);
                // a layer in the middle of the chain, and the active one
                int index = kill % 2 == 0 ? 1 : 2;
                underWay += killed(snapshots, index, Duration.ofMillis(dice.nextInt(4000))) ? 1 : 0;
                snapshots.areWhatTheyWere();
                guest.awaitWriting();
            }
            assertThat(underWay).as("kills that met a merge under way").isPositive();
        }
    }

    @Test
    void a_merge_killed_while_the_machine_is_off_is_carried_through() {
        try (LabGuest guest = LabGuest.up("it-killed-off");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(4, MEBIBYTES)) {
            powerOff(guest, true);
            for (int index : new int[] {1, 2, 0}) {
                killed(snapshots, index, Duration.ofMillis(index * 20L));
                snapshots.areWhatTheyWere();
            }
            goesOn(guest, true);
            snapshots.areWhatTheyWere();
        }
    }

    /** Kills a removal some time after its merge has begun, then carries it through; tells whether it was under way. */
    private static boolean killed(TakenSnapshots snapshots, int index, Duration after) {
        Change change = snapshots.plan(index);
        Tool.Running removing = snapshots.removing(index, change, SLOW);
        TakenSnapshots.isUnderWay(removing);
        boolean underWay = removing.runsAfter(after);
        removing.process().destroyForcibly();
        removing.end();
        snapshots.remove(index, change, 0, Meter.NONE);
        return underWay;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void a_merge_under_which_qemu_is_killed_is_carried_through(int index) {
        try (LabGuest guest = LabGuest.up("it-qemu-killed");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, MEBIBYTES)) {
            Change change = snapshots.plan(index);
            Tool.Running removing = snapshots.removing(index, change, SLOW);
            TakenSnapshots.isUnderWay(removing);
            guest.virsh("destroy");
            removing.end();
            snapshots.remove(index, change, 0, Meter.NONE);
            snapshots.areWhatTheyWere();
            goesOn(guest, true);
            snapshots.areWhatTheyWere();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void a_merge_under_which_libvirtd_is_killed_is_carried_through(int index) {
        try (LabGuest guest = LabGuest.up("it-libvirtd-killed");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, MEBIBYTES)) {
            Change change = snapshots.plan(index);
            Tool.Running removing = snapshots.removing(index, change, SLOW);
            TakenSnapshots.isUnderWay(removing);
            Libvirtd.kill();
            removing.end();
            Libvirtd.bringBack();
            snapshots.remove(index, change, 0, Meter.NONE);
            guest.awaitWriting();
            snapshots.areWhatTheyWere();
            powerOff(guest, true);
            goesOn(guest, true);
        }
    }

    @Test
    void a_snapshot_is_read_on_the_host_and_can_neither_be_written_to_nor_removed_meanwhile() throws IOException {
        try (LabGuest guest = LabGuest.up("it-open");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, 1)) {
            VolumeSnapshot first = snapshots.at(0).volume();
            SnapshotStore store = snapshots.store(0);
            View.Opened view = (View.Opened) store.open(first);
            try {
                assertThat(store.open(first)).isEqualTo(view);
                assertThat(view.path())
                        .isEqualTo(snapshots.views().resolve(labelOf(first)).resolve("vda.raw"));
                Tool.out(
                        "qemu-img",
                        "compare",
                        "-q",
                        "-U",
                        "-f",
                        "raw",
                        "-F",
                        first.format(),
                        view.path().toString(),
                        first.snapshot());
                assertThatNobodyWrites(view.path());
                for (int index : new int[] {0, 1}) {
                    assertThat(store.planRemoval(snapshots.at(index).volume(), snapshots.relatives(index)))
                            .isInstanceOf(index == 0 ? Plan.Refused.class : Plan.Ready.class);
                }
                try (FileChannel reading = FileChannel.open(view.path(), StandardOpenOption.READ)) {
                    assertThat(reading.size()).isEqualTo(512 << 20);
                    assertThat(store.close(first)).isInstanceOf(Outcome.Refused.class);
                }
            } finally {
                assertThat(store.close(first)).isEqualTo(new Outcome.Done());
            }
            assertThat(store.close(first)).isEqualTo(new Outcome.AlreadyDone());
            assertThat(view.path().getParent()).doesNotExist();
            snapshots.remove(0, snapshots.plan(0), 0, Meter.NONE);
            snapshots.areWhatTheyWere();
        }
    }

    private static void assertThatNobodyWrites(Path view) {
        Assertions.assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> Files.write(view, new byte[512], StandardOpenOption.WRITE))
                .withMessageContaining("Read-only file system");
        for (List<String> attempt : List.of(
                List.of("chmod", "u+w", view.toString()),
                List.of("truncate", "-s", "0", view.toString()),
                List.of("dd", "if=/dev/zero", "count=1", "conv=notrunc", "of=" + view),
                List.of("fallocate", "-p", "-l", "512", view.toString()),
                List.of("qemu-io", "-f", "raw", "-c", "write 0 512", view.toString()))) {
            assertThat(Tool.run(attempt).exit()).as("%s", attempt).isNotZero();
        }
    }

    @Test
    void a_view_whose_daemon_was_killed_is_opened_anew() {
        try (LabGuest guest = LabGuest.up("it-stale");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(1, 1)) {
            VolumeSnapshot first = snapshots.at(0).volume();
            SnapshotStore store = snapshots.store(0);
            View view = store.open(first);
            try {
                ProcessHandle daemon = ProcessHandle.allProcesses()
                        .filter(process -> commandLine(process)
                                .contains(((View.Opened) view).path().toString()))
                        .findFirst()
                        .orElseThrow();
                daemon.destroyForcibly();
                Await.until("the daemon is gone", () -> commandLine(daemon).isEmpty());
                assertThat(store.open(first)).isEqualTo(view);
                assertThat(((View.Opened) view).path()).hasSize(512 << 20);
            } finally {
                store.close(first);
            }
            assertThat(((View.Opened) view).path()).doesNotExist();
        }
    }

    /** As whatever this process starts has it for a moment. */
    @Test
    void a_view_that_is_let_go_of_within_a_moment_is_closed() {
        try (LabGuest guest = LabGuest.up("it-moment");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(1, 1)) {
            VolumeSnapshot first = snapshots.at(0).volume();
            SnapshotStore store = snapshots.store(0);
            Path path = ((View.Opened) store.open(first)).path();
            Tool.Running reader =
                    Tool.start(List.of("sh", "-c", "exec 3< \"$0\"; echo reads; sleep 0.3", path.toString()));
            try {
                Await.until("it is read", () -> reader.out().toFile().length() > 0);
                assertThat(store.close(first)).isEqualTo(new Outcome.Done());
            } finally {
                reader.await();
                store.close(first);
            }
            assertThat(path).doesNotExist();
        }
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void a_machine_goes_back_to_a_snapshot_and_forward_again_and_everything_can_be_removed() {
        try (LabGuest guest = LabGuest.up("it-revert");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, 1)) {
            powerOff(guest, true);
            Records newest =
                    guest.records(guest.disk("vda"), guest.definedImages().get("vda"));
            revert(guest, snapshots, 0, "sf-revert000001");
            goesOn(guest, true);
            assertThat(guest.writerLog().starts("vda").get(1))
                    .isGreaterThan(snapshots.at(0).records().last() - 1)
                    .isLessThan(newest.last());
            snapshots.areWhatTheyWere();
        }
    }

    private static void revert(LabGuest guest, TakenSnapshots snapshots, int index, String label) {
        VolumeSnapshot to = snapshots.at(index).volume();
        SnapshotStore store = snapshots.store(0);
        Change change = ((Plan.Ready) store.planRevert(to, label)).change();
        assertThat(change.from()).isEqualTo(guest.definedImages().get("vda").toString());
        assertThat(store.revert(to, change, Meter.NONE)).isEqualTo(new Outcome.Done());
        snapshots
                .domain()
                .redefine(List.of(new DiskImage("vda", DiskImage.Kind.FILE, Path.of(change.to()), change.format())));
    }

    @Test
    void a_clone_is_a_machine_of_its_own_with_what_the_snapshot_holds() {
        try (LabGuest guest = LabGuest.up("it-clone", "--cdrom");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, 1)) {
            VolumeSnapshot second = snapshots.at(1).volume();
            SnapshotStore store = snapshots.store(0);
            Change change = ((Plan.Ready) store.planClone(second, "sf-clone0000001")).change();
            assertThat(store.makeClone(second, change, Meter.NONE)).isEqualTo(new Outcome.Done());
            assertThat(store.makeClone(second, change, Meter.NONE)).isEqualTo(new Outcome.AlreadyDone());
            assertThat(guest.records(guest.disk("vda"), Path.of(change.to())))
                    .isEqualTo(snapshots.at(1).records());
            DomainId id = new DomainId(UUID.randomUUID(), guest.name() + " copy");
            snapshots
                    .domain()
                    .defineClone(
                            id,
                            List.of(new DiskImage("vda", DiskImage.Kind.FILE, Path.of(change.to()), change.format())),
                            Domain.OtherDisks.LEFT_OUT);
            try (Domain clone = snapshots.hypervisor().domain(id)) {
                assertThat(clone.state()).isEqualTo(DomainState.SHUT_OFF);
                assertThat(store.removeClone(second, change)).isInstanceOf(Outcome.Refused.class);
                starts(id);
            } finally {
                snapshots.hypervisor().undefine(id);
            }
            assertThat(store.removeClone(second, change)).isEqualTo(new Outcome.Done());
            assertThat(store.removeClone(second, change)).isEqualTo(new Outcome.AlreadyDone());
            snapshots.areWhatTheyWere();
            guest.awaitWriting();
        }
    }

    /** Beside the original, which goes on: QEMU takes all of its devices. */
    private static void starts(DomainId id) {
        Tool.out("virsh", "-q", "-c", "qemu:///system", "start", id.uuid().toString());
        Tool.out("virsh", "-q", "-c", "qemu:///system", "destroy", id.uuid().toString());
    }

    @Test
    void the_space_that_a_snapshot_takes_is_told_while_the_guest_writes() {
        try (LabGuest guest = LabGuest.up("it-space");
                TakenSnapshots snapshots = new TakenSnapshots(guest, directory).take(2, MEBIBYTES)) {
            assertThat(snapshots.store(0).condition(snapshots.at(1).volume()))
                    .isInstanceOfSatisfying(
                            Condition.Present.class,
                            present -> assertThat(present.bytes().orElseThrow()).isGreaterThan(MEBIBYTES << 20));
        }
    }

    private static String labelOf(VolumeSnapshot snapshot) {
        String name = Path.of(snapshot.active()).getFileName().toString();
        return name.substring(name.indexOf(".sf-") + 1, name.length() - ".qcow2".length());
    }

    /** As a power cut does it: what was written last is in the journal of the guest's filesystem. */
    private static void powerOff(LabGuest guest, boolean wanted) {
        if (wanted) {
            guest.virsh("destroy");
        }
    }

    private static void goesOn(LabGuest guest, boolean off) {
        if (off) {
            guest.start();
        } else {
            guest.awaitWriting();
        }
    }
}
