package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Machines that are not the usual one: off, without an agent, without guest-exec, transient, with odd disks. */
class OtherMachinesIT {
    private static final String RBD = """
            <disk type='network' device='disk'>
              <driver name='qemu' type='raw'/>
              <source protocol='rbd' name='pool/image'><host name='127.0.0.1' port='1'/></source>
              <target dev='vdb' bus='virtio'/>
            </disk>
            """;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
    }

    @Test
    void a_machine_that_is_off_is_taken_without_a_freeze_and_starts_on_its_overlay() {
        try (LabGuest guest = LabGuest.up("it-off")) {
            guest.virsh("destroy");
            Path image = guest.definedImages().get("vda");
            JsonNode run = cli.json("snapshot", guest.name()).took("crash").run();

            assertThat(run.get("freeze").isNull()).isTrue();
            assertThat(run.get("volumes").get(0).get("snapshot").asString()).isEqualTo(image.toString());
            assertThat(guest.definedImages().get("vda").toString())
                    .isEqualTo(run.get("volumes").get(0).get("active").asString());
            assertThat(guest.state()).isEqualTo("shut off");
            guest.start();
        }
    }

    @Test
    void of_a_machine_that_is_off_nothing_beyond_crash_can_be_required() {
        try (LabGuest guest = LabGuest.up("it-off-required", "--no-start")) {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name(), "--require", "filesystem")
                    .exits(3)
                    .tells("VM_STATE");
            before.isUntouched();
        }
    }

    @Test
    void an_agent_that_is_silent_is_refused_unless_crash_consistency_will_do() {
        try (LabGuest guest = LabGuest.up("it-silent", "--kernel-arg", "lab.agent=off")) {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name()).exits(3).tells("AGENT");
            before.isUntouched();
            guest.awaitWriting();

            assertTakenWithoutFreeze(guest);
        }
    }

    @Test
    void a_machine_without_an_agent_channel_is_refused_unless_crash_consistency_will_do() {
        try (LabGuest guest = LabGuest.up("it-no-channel", "--no-agent-channel")) {
            Scene before = Scene.of(guest);
            Done done = cli.json("snapshot", guest.name()).exits(3).tells("AGENT");
            assertThat(done.err()).contains("no agent channel");
            before.isUntouched();

            assertTakenWithoutFreeze(guest);
        }
    }

    private void assertTakenWithoutFreeze(LabGuest guest) {
        JsonNode run = cli.json("snapshot", guest.name(), "--require", "crash")
                .took("crash")
                .run();
        assertThat(run.get("freeze").isNull()).isTrue();
        assertThat(guest.activeImages().get("vda").toString())
                .isEqualTo(run.get("volumes").get(0).get("active").asString());
        guest.awaitWriting();
    }

    @Test
    void a_guest_that_runs_no_programs_for_us_is_frozen_all_the_same() {
        try (LabGuest guest = LabGuest.up("it-no-exec", "--kernel-arg", "lab.blockexec")) {
            JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();
            SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda");
            guest.awaitWriting();
        }
    }

    @Test
    void a_freeze_that_outlives_its_limit_is_ended_and_nothing_is_left() {
        try (LabGuest guest = LabGuest.up("it-slow-freeze", "--kernel-arg", "lab.hook=on")) {
            guest.makeFreezesTake(Duration.ofSeconds(4), "freezing");
            Scene before = Scene.of(guest);
            Done done = cli.json("snapshot", guest.name(), "--freeze-limit", "1s")
                    .exits(1)
                    .tells("FREEZE");

            assertThat(guest.onConsole("freezing")).isEqualTo(1);
            assertThat(done.run().get("state").asString()).isEqualTo("FAILED");
            // the freeze command is executed late all the same, so the thaw is only true after it
            assertThat(guest.isFrozen()).isFalse();
            guest.awaitWriting();
            before.isUntouched();
        }
    }

    @Test
    void a_transient_machine_is_refused() {
        try (LabGuest guest = LabGuest.up("it-transient", "--transient")) {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name()).exits(3).tells("VM_TRANSIENT");
            before.isUntouched();
            guest.awaitWriting();
        }
    }

    @Test
    void a_disk_on_a_backend_that_no_driver_knows_is_refused_and_can_be_left_out() throws IOException {
        try (LabGuest guest = LabGuest.up("it-rbd", "--no-start")) {
            Path xml = Files.writeString(directory.resolve("rbd.xml"), RBD);
            guest.virsh("attach-device", xml.toString(), "--config");
            Scene before = Scene.of(guest);
            Done done = cli.json("snapshot", guest.name()).exits(3).tells("DISK");
            assertThat(done.err()).contains("vdb", "--exclude vdb");
            before.isUntouched();

            JsonNode run = cli.json("snapshot", guest.name(), "--exclude", "vdb")
                    .took("crash")
                    .run();
            assertThat(run.get("volumes").size()).isEqualTo(1);
        }
    }
}
