package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Settings;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Check.Status;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostChecksTest {
    private final Programs programs = new Programs();

    /** Answers as LVM 2.03.16 and ZFS 2.1.11 do. */
    private static final class Programs implements Commands {
        private final Map<String, Exit> answers = new HashMap<>(Map.of(
                "qemu-img --version", new Exit(0, "qemu-img version 7.2.22\n", ""),
                "lvm version", new Exit(0, "  LVM version:     2.03.16(2) (2022-05-18)\n  Library version: 1\n", ""),
                "dmsetup version", new Exit(0, "Library version:   1.02.185\nDriver version:    4.47.0\n", ""),
                "zfs --version", new Exit(0, "zfs-2.1.11-1+deb12u1\nzfs-kmod-2.1.11-1+deb12u1\n", ""),
                "zpool --version", new Exit(0, "zfs-2.1.11-1+deb12u1\n", "")));

        private final Set<String> hanging = new HashSet<>();

        @Override
        public Exit run(List<String> argv, Duration limit) {
            Exit exit = answers.get(String.join(" ", argv));
            if (hanging.contains(String.join(" ", argv))) {
                throw new CommandException(argv.get(0) + " did not end within " + limit);
            }
            if (exit == null) {
                throw CommandException.notStarted(argv.get(0), new IOException("no such file"));
            }
            return exit;
        }
    }

    @Test
    void the_tools_of_every_storage_are_told_with_their_version() {
        assertThat(check("lvm")).isEqualTo(Check.ok("lvm", "LVM version:     2.03.16(2) (2022-05-18)"));
        assertThat(check("zfs")).isEqualTo(Check.ok("zfs", "zfs-2.1.11-1+deb12u1"));
    }

    @Test
    void a_host_without_a_storage_is_no_worse_for_it() {
        programs.answers.remove("zfs --version");
        assertThat(check("zfs").status()).isEqualTo(Status.OK);
        assertThat(check("zfs").detail()).contains("no snapshots of disks on ZFS", "cannot start zfs");
    }

    @Test
    void a_storage_that_is_there_in_part_is_told_before_a_snapshot_fails_on_it() {
        programs.answers.remove("dmsetup version");
        programs.answers.put("zfs --version", new Commands.Exit(1, "", "zfs_version_kernel() failed\n"));
        assertThat(check("lvm").status()).isEqualTo(Status.WARN);
        assertThat(check("lvm").detail()).contains("cannot start dmsetup");
        assertThat(check("zfs").status()).isEqualTo(Status.WARN);
        assertThat(check("zfs").detail()).contains("ended with 1: zfs_version_kernel() failed");
    }

    @Test
    void a_tool_that_hangs_is_not_one_that_is_missing() {
        programs.hanging.add("lvm version");
        assertThat(check("lvm").status()).isEqualTo(Status.WARN);
        assertThat(check("lvm").detail()).contains("lvm did not end");
    }

    @Test
    void a_state_directory_that_others_may_write_to_is_refused_beforehand(@TempDir Path directory) throws IOException {
        Settings of = Settings.DEFAULT;
        Settings there = new Settings(
                of.connect(),
                directory,
                of.require(),
                of.onDoubt(),
                of.hooks(),
                of.limits(),
                of.space(),
                of.history(),
                of.policies());
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(check(there, "state-dir").status()).isEqualTo(Status.OK);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThat(check(there, "state-dir").status()).isEqualTo(Status.FAIL);
        assertThat(check(there, "state-dir").hint()).contains("chmod go-w");
    }

    private Check check(String name) {
        return check(Settings.DEFAULT, name);
    }

    private Check check(Settings settings, String name) {
        return new HostChecks(settings, new FakeHypervisor(), programs)
                .all().stream()
                        .filter(check -> check.check().equals(name))
                        .findFirst()
                        .orElseThrow();
    }
}
