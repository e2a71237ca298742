package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What can stand in the way of a snapshot of a running guest, each with its message, its hint and its exit status. */
class OutcomesIT {
    /** What is written into it: ext4 and XFS; what is not: a read-only disk and a CD-ROM, and vfat, which never freezes. */
    private static LabGuest guest;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeAll
    static void boot() {
        guest = LabGuest.up(
                "it-outcomes Gäst № 雪 'q' & <x>",
                "--disk",
                "ext4",
                "--disk",
                "xfs:raw",
                "--disk",
                "ext4:qcow2:readonly",
                "--disk",
                "vfat",
                "--cdrom",
                "--kernel-arg",
                "lab.hook=on");
    }

    @AfterAll
    static void remove() {
        guest.close();
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
    }

    @Test
    void a_name_with_spaces_quotes_markup_and_other_scripts_is_a_name_like_any_other() {
        JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();

        assertThat(run.get("vm").asString()).isEqualTo(guest.name());
        SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda", "vdb");
        JsonNode listed = cli.json("snapshots", guest.name()).exits(0).json().get("snapshots");
        assertThat(listed.get(0).get("vm").asString()).isEqualTo(guest.name());
    }

    @Test
    void disks_that_are_read_only_are_left_out() {
        JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();

        assertThat(disks(run)).containsExactly("vda", "vdb", "vdd");
        assertThat(guest.activeImages().get("vdc")).isEqualTo(guest.disk("vdc").image());
        // the read-only filesystem is frozen and counted all the same, vfat is neither
        assertThat(run.get("freeze").get("filesystems").asInt()).isEqualTo(3);
    }

    @Test
    void of_a_filesystem_that_cannot_be_frozen_nothing_is_claimed_and_that_is_said() {
        JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();

        assertThat(evidence(run, "unfreezable").get("detail").asString()).contains("vfat at /mnt/vdd");
    }

    @Test
    void an_excluded_disk_stays_as_it_is() {
        Path before = guest.activeImages().get("vdb");
        JsonNode run = cli.json("snapshot", guest.name(), "--exclude", "vdb")
                .took("filesystem")
                .run();

        assertThat(disks(run)).containsExactly("vda", "vdd");
        assertThat(guest.activeImages()).containsEntry("vdb", before);
    }

    @Test
    void a_disk_to_exclude_that_the_machine_does_not_have_is_refused() {
        Scene before = Scene.of(guest);
        cli.json("snapshot", guest.name(), "--exclude", "vdx").exits(3).tells("DISK");
        before.isUntouched();
    }

    @Test
    void an_unknown_machine_is_refused() {
        cli.json("snapshot", "no such machine").exits(3).tells("UNKNOWN_VM");
    }

    @Test
    void one_unknown_name_among_several_means_that_nothing_is_touched() {
        Scene before = Scene.of(guest);
        cli.json("snapshot", guest.name(), "no such machine").exits(3).tells("UNKNOWN_VM");
        before.isUntouched();
        assertThat(cli.json("runs").exits(0).json().get("runs").size()).isZero();
    }

    @Test
    void a_paused_machine_is_refused_and_stays_paused() {
        guest.virsh("suspend");
        try {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name()).exits(3).tells("VM_STATE");
            before.isUntouched();
            assertThat(guest.state()).isEqualTo("paused");
        } finally {
            guest.virsh("resume");
        }
        guest.awaitWriting();
    }

    @Test
    void a_paused_machine_whose_owner_accepts_crash_consistency_is_taken_and_stays_paused() {
        guest.virsh("suspend");
        try {
            Done done = cli.json("snapshot", guest.name(), "--require", "crash").took("crash");
            assertThat(done.run().get("freeze").isNull()).isTrue();
            assertThat(guest.state()).isEqualTo("paused");
        } finally {
            guest.virsh("resume");
        }
        guest.awaitWriting();
    }

    @Test
    void a_guest_that_somebody_else_froze_is_refused_and_stays_frozen() {
        guest.virsh("domfsfreeze");
        try {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name()).exits(3).tells("ALREADY_FROZEN");
            before.isUntouched();
            assertThat(guest.isFrozen()).isTrue();
        } finally {
            guest.virsh("domfsthaw");
        }
        guest.awaitWriting();
    }

    @Test
    void thaw_thaws_what_somebody_else_froze() {
        guest.virsh("domfsfreeze");
        Done done = cli.json("thaw", guest.name()).exits(0);

        assertThat(done.json().get("thawed").asBoolean()).isTrue();
        assertThat(done.json().get("filesystems").asInt()).isEqualTo(3);
        assertThat(guest.isFrozen()).isFalse();
        guest.awaitWriting();
    }

    @Test
    void thaw_of_a_guest_that_is_not_frozen_does_no_harm() {
        Done done = cli.json("thaw", guest.name()).exits(0);

        assertThat(done.json().get("thawed").asBoolean()).isTrue();
        assertThat(done.json().get("filesystems").asInt()).isZero();
        guest.awaitWriting();
    }

    @Test
    void a_freeze_that_holds_only_a_part_fails_and_nothing_is_left() {
        Scene before = Scene.of(guest);
        guest.shell("fsfreeze --freeze /mnt/vdb");
        try {
            Done done = cli.json("snapshot", guest.name()).exits(1).tells("FREEZE");
            assertThat(done.run().get("state").asString()).isEqualTo("FAILED");
            assertThat(guest.isFrozen()).isFalse();
        } finally {
            // the agent's thaw undoes the other holder's freeze as well: the writers of both disks show it
            guest.awaitWriting();
        }
        before.isUntouched();
    }

    @Test
    void a_freeze_that_holds_only_a_part_is_crash_consistent_at_most_and_says_why() {
        guest.shell("fsfreeze --freeze /mnt/vdb");
        try {
            JsonNode run = cli.json("snapshot", guest.name(), "--require", "crash")
                    .took("crash")
                    .run();
            assertThat(evidence(run, "freeze-count").get("ok").asBoolean()).isFalse();
            assertThat(guest.isFrozen()).isFalse();
        } finally {
            guest.awaitWriting();
        }
    }

    @Test
    void a_freeze_hook_that_fails_fails_the_run_and_nothing_is_left() {
        Scene before = Scene.of(guest);
        guest.shell("echo 1 > /run/hook.exit");
        try {
            cli.json("snapshot", guest.name()).exits(1).tells("FREEZE");
        } finally {
            guest.shell("rm /run/hook.exit");
        }
        assertThat(guest.isFrozen()).isFalse();
        guest.awaitWriting();
        before.isUntouched();
    }

    @Test
    void the_freeze_hook_is_run_before_and_after() {
        guest.shell(": > /run/hook.log");
        cli.json("snapshot", guest.name()).took("filesystem");

        assertThat(guest.shell("cut -d' ' -f1 /run/hook.log").lines()).containsExactly("freeze", "thaw");
    }

    @Test
    void a_full_storage_is_refused_before_anything_is_made() {
        Scene before = Scene.of(guest);
        cli.configure("minimum-free: 900TiB\n");
        cli.json("snapshot", guest.name()).exits(3).tells("DISK");
        before.isUntouched();
    }

    @Test
    void a_chain_that_is_long_enough_is_refused() {
        cli.json("snapshot", guest.name()).took("filesystem");
        Scene before = Scene.of(guest);
        cli.configure("maximum-chain: 1\n");
        cli.json("snapshot", guest.name()).exits(3).tells("DISK");
        before.isUntouched();
    }

    @Test
    void a_disk_with_a_block_job_is_refused_and_the_job_goes_on() {
        cli.json("snapshot", guest.name()).took("filesystem");
        guest.virsh("blockcommit", "vda", "--active", "--shallow");
        try {
            Scene before = Scene.of(guest);
            cli.json("snapshot", guest.name()).exits(3).tells("DISK");
            before.isUntouched();
            assertThat(guest.virsh("blockjob", "vda", "--raw")).contains("Commit");
        } finally {
            guest.virsh("blockjob", "vda", "--abort");
        }
    }

    @Test
    void doctor_says_beforehand_what_would_be_refused() {
        cli.json("doctor", guest.name()).exits(0);
        guest.virsh("domfsfreeze");
        try {
            Done done = cli.json("doctor", guest.name()).exits(3);
            assertThat(done.json().get("checks").valueStream())
                    .filteredOn(check -> check.get("status").asString().equals("fail"))
                    .singleElement()
                    .satisfies(check -> assertThat(check.get("hint").asString()).isNotBlank());
        } finally {
            guest.virsh("domfsthaw");
        }
    }

    @Test
    void a_configuration_is_checked_and_every_problem_in_it_is_told() throws IOException {
        Path file = directory.resolve("some.yaml");
        Files.writeString(file, "freeze-limit: 5s\nrequire: crash\n");
        assertThat(cli.json("config", "validate", file.toString())
                        .exits(0)
                        .json()
                        .get("valid")
                        .asBoolean())
                .isTrue();
        Files.writeString(file, "freeze-limit: 5 parsecs\nrequired: crash\n");
        JsonNode invalid =
                cli.json("config", "validate", file.toString()).exits(2).json();
        assertThat(invalid.get("valid").asBoolean()).isFalse();
        assertThat(invalid.get("problems").size()).isEqualTo(2);
    }

    @Test
    void nothing_is_touched_with_a_configuration_that_is_wrong() {
        Scene before = Scene.of(guest);
        cli.configure("freeze-limit: 5 parsecs\n");
        cli.json("snapshot", guest.name()).exits(2).tells("CONFIGURATION");
        before.isUntouched();
    }

    private static List<String> disks(JsonNode run) {
        List<String> disks = new ArrayList<>();
        run.get("volumes").forEach(volume -> disks.add(volume.get("disk").asString()));
        return disks;
    }

    private static JsonNode evidence(JsonNode run, String check) {
        return run.get("evidence")
                .valueStream()
                .filter(item -> item.get("check").asString().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no evidence '%s' in %s".formatted(check, run)));
    }
}
