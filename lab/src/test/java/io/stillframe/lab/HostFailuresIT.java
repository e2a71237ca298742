package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import io.stillframe.lab.Interposer.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a run stands on fails it while a real guest is frozen: libvirtd, QEMU, the disk, the clock. */
class HostFailuresIT {
    private static final Duration AT_ONCE = Duration.ofSeconds(2);
    private static final String SHORT_LIMIT = "--freeze-limit=3s";
    private static final String LONG_LIMIT = "--freeze-limit=60s";

    private static LabGuest guest;

    @TempDir
    private Path directory;

    private Cli cli;
    private Interposer interposer;
    private Aftermath aftermath;

    @BeforeAll
    static void boot() {
        guest = LabGuest.up("it-host-failures", "--disk", "ext4", "--disk", "ext4:raw");
    }

    @AfterAll
    static void remove() {
        guest.close();
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
        interposer = new Interposer(cli, directory);
        aftermath = new Aftermath(cli, guest, Set.copyOf(guest.imageFiles()));
    }

    @AfterEach
    void nothingStaysFrozen() {
        interposer.end();
        guest.virsh("domfsthaw");
        guest.awaitWriting();
    }

    @Test
    void libvirtd_killed_in_the_window_and_back_in_time_costs_the_run_nothing() {
        Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", LONG_LIMIT, guest.name());
        interposer.reached();
        restartLibvirtd(() -> {});
        interposer.go();

        JsonNode run = Cli.await(running).took("filesystem").run();
        guest.awaitWriting();
        SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda", "vdb");
        aftermath.isRight();
    }

    @Test
    void killed_with_libvirtd_the_orchestrator_leaves_a_guest_that_is_thawed_as_soon_as_libvirtd_is_back() {
        Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", LONG_LIMIT, guest.name());
        interposer.reached();
        restartLibvirtd(() -> {
            running.process().destroyForcibly();
            running.end();
        });

        guest.awaitWriting(); // long before the switch's deadline
        aftermath.isPutRight();
        assertThat(last(guest).get("state").asString()).isEqualTo("FAILED");
        assertThat(evidence("released-by").get("detail").asString()).startsWith("HOLDER_GONE");
    }

    @Test
    void where_libvirtd_stands_still_the_switch_thaws() {
        Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", SHORT_LIMIT, guest.name());
        interposer.reached();
        Libvirtd.halt();
        try {
            interposer.go();
            guest.awaitWriting(); // nobody on the host reaches it
        } finally {
            Libvirtd.goOn();
        }

        Done done = Cli.await(running).exits(1);
        assertThat(done.run().get("state").asString()).isEqualTo("FAILED");
        assertThat(evidence("guest-switch").get("ok").asBoolean()).isFalse();
        aftermath.isRight();
    }

    @Test
    void a_run_whose_qemu_is_killed_before_the_freeze_is_taken_back() {
        try (LabGuest other = LabGuest.up("it-host-failures-qemu")) {
            Tool.Running running = interposer.waitingAt("GuestAgent.freeze", "snapshot", other.name());
            assertThat(stateAfterTheEndOfQemu(other, running, 1)).isEqualTo("FAILED");
            new Aftermath(cli, other).isRight();
        }
    }

    @Test
    void a_run_whose_qemu_is_killed_while_it_is_frozen_is_taken_back() {
        try (LabGuest other = LabGuest.up("it-host-failures-qemu")) {
            Point look = pointBefore("StorageDriver.create", other);
            assertThat(look.name()).isEqualTo("Domain.state");
            Tool.Running running = interposer.waitingAt(look, "snapshot", other.name());
            assertThat(stateAfterTheEndOfQemu(other, running, 1)).isEqualTo("FAILED");
            new Aftermath(cli, other).isRight();
        }
    }

    /** Nobody can merge the overlay of a machine that is off, and it may have been written to. */
    @Test
    void a_run_whose_qemu_is_killed_after_the_switch_is_left_to_an_operator_with_every_image_in_place() {
        try (LabGuest other = LabGuest.up("it-host-failures-qemu")) {
            Tool.Running running = interposer.waitingAt("StorageDriver.update", "snapshot", other.name());
            assertThat(stateAfterTheEndOfQemu(other, running, 5)).isEqualTo("QUARANTINED");
            JsonNode run = last(other);
            JsonNode volume = run.get("volumes").get(0);
            assertThat(other.activeImages())
                    .containsEntry("vda", Path.of(volume.get("active").asString()));
            Path snapshot = Path.of(volume.get("snapshot").asString());
            assertThat(other.records(other.disk("vda"), snapshot).missing()).isZero();
            assertThat(new Aftermath(cli, other).leases()).isEmpty();
        }
    }

    /** Kills QEMU where the run waits; the machine is started again when the run has ended. */
    private String stateAfterTheEndOfQemu(LabGuest of, Tool.Running running, int exit) {
        interposer.reached();
        of.qemu().destroyForcibly();
        Await.until("the machine is off", () -> of.state().equals("shut off"));
        interposer.go();
        Done done = Cli.await(running).exits(exit);
        of.start();
        return done.run().get("state").asString();
    }

    @Test
    void a_state_directory_that_is_full_is_refused() {
        try (SmallFilesystem small = SmallFilesystem.at(cli.stateDir())) {
            Scene before = Scene.of(guest);
            small.fill();
            cli.json("snapshot", guest.name()).exits(3).tells("JOURNAL");
            before.isUntouched();
            small.makeRoom();
            cli.json("snapshot", guest.name()).took("filesystem");
        }
    }

    @Test
    void a_lease_that_finds_no_room_has_the_run_refused() {
        try (SmallFilesystem small = SmallFilesystem.at(cli.stateDir())) {
            Scene before = Scene.of(guest);
            isRefusedWhereItFillsUp(small, before, interposer.waitingAt("Guard.watch", "snapshot", guest.name()));
        }
    }

    @Test
    void an_intent_to_freeze_that_finds_no_room_has_the_run_refused() {
        try (SmallFilesystem small = SmallFilesystem.at(cli.stateDir())) {
            // the intent to freeze is about to be journaled
            Point barrier = interposer.lastBeforeTheFreeze("Clock.instant", guest);
            Scene before = Scene.of(guest);
            isRefusedWhereItFillsUp(small, before, interposer.waitingAt(barrier, "snapshot", guest.name()));
        }
    }

    private void isRefusedWhereItFillsUp(SmallFilesystem small, Scene before, Tool.Running running) {
        interposer.reached();
        small.fill();
        interposer.go();

        Cli.await(running).exits(3);
        before.isUntouched();
        assertThat(interposer.passed("GuestAgent.freeze")).isZero();
        guest.awaitWriting();
        small.makeRoom();
        aftermath.isPutRight();
    }

    @Test
    void a_state_directory_that_fills_up_in_the_window_leaves_the_run_to_recovery_and_keeps_nothing_frozen() {
        try (SmallFilesystem small = SmallFilesystem.at(cli.stateDir())) {
            Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", guest.name());
            interposer.reached();
            small.fill();
            interposer.go();

            // whether the journal has it that the snapshot is there cannot be read: nothing is rolled back
            Done done = Cli.await(running).exits(5).tells("JOURNAL");
            assertThat(done.run().get("state").asString()).isEqualTo("QUARANTINED");
            guest.awaitWriting();
            small.makeRoom();
            aftermath.isPutRight();
            assertThat(last(guest).get("state").asString()).isEqualTo("FAILED");
        }
    }

    @Test
    void killed_where_the_disk_is_full_the_orchestrator_leaves_a_guest_that_is_thawed_all_the_same() {
        try (SmallFilesystem small = SmallFilesystem.at(cli.stateDir());
                WriteMonitor monitor = new WriteMonitor(guest)) {
            Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", guest.name());
            interposer.reached();
            small.fill();
            long killed = System.currentTimeMillis();
            running.process().destroyForcibly();
            running.end();

            assertThat(monitor.untilEveryDiskIsWritten(killed)).isLessThan(AT_ONCE);
            small.makeRoom();
            aftermath.isPutRight();
            assertThat(last(guest).get("state").asString()).isEqualTo("FAILED");
        }
    }

    @Test
    void a_clock_set_back_an_hour_in_the_window_changes_nothing() {
        Tool.Running running = interposer.setBackAt("Domain.switchTo", "snapshot", guest.name());
        JsonNode run = Cli.await(running).took("filesystem").run();
        interposer.reached();

        assertThat(run.get("freeze").get("windowMillis").asDouble()).isPositive();
        aftermath.isPutRight();
    }

    private static void restartLibvirtd(Runnable meanwhile) {
        Libvirtd.kill();
        try {
            meanwhile.run();
        } finally {
            Libvirtd.bringBack();
        }
    }

    /** The last point before the first one of a name, in an undisturbed run. */
    private Point pointBefore(String name, LabGuest of) {
        List<Point> points = interposer.points(of);
        return points.get((int) points.stream()
                        .takeWhile(each -> !each.name().equals(name))
                        .count()
                - 1);
    }

    private JsonNode last(LabGuest of) {
        return cli.lastRun(of, 0);
    }

    private JsonNode evidence(String check) {
        return last(guest)
                .get("evidence")
                .valueStream()
                .filter(each -> each.get("check").asString().equals(check))
                .findFirst()
                .orElseThrow();
    }
}
