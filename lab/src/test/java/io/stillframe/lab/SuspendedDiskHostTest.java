package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * LVM suspends a volume while it takes its snapshot. Whoever dies then together with the tool, as when all processes of a
 * session are killed, leaves a guest that is not only frozen: its disk waits, and so does a thaw that comes before the disk is
 * resumed.
 */
class SuspendedDiskHostTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"ext4:lvm", "ext4:thin:cache=none"})
    void killed_together_with_its_tool_it_leaves_a_disk_that_is_resumed_and_a_guest_that_its_sentinel_thaws(String disk)
            throws IOException {
        Cli cli = cli(Duration.ofMinutes(10));
        try (LabGuest guest = LabGuest.up("suspended", "--disk", disk)) {
            Set<Path> before = guest.storage();
            Path suspended = killedWithItsTool(cli, guest);

            cli.json("reconcile").exits(0);
            assertThat(suspended).content().startsWith("0");
            guest.awaitWriting();
            new Aftermath(cli, guest, before).isPutRight();
        }
    }

    /** By the command that resumes the disk, or by the sentinel that it leaves, when it has ended. */
    @Test
    void killed_together_with_its_tool_and_its_sentinel_it_leaves_a_guest_that_is_thawed_all_the_same()
            throws IOException {
        Cli cli = cli(Duration.ofSeconds(30));
        try (LabGuest guest = LabGuest.up("suspended", "--disk", "ext4:lvm")) {
            Aftermath aftermath = new Aftermath(cli, guest, guest.storage());
            Path suspended = killedWithItsTool(cli, guest);
            aftermath.sentinels().forEach(ProcessHandle::destroyForcibly);
            Await.until("no sentinel is left", () -> aftermath.sentinels().isEmpty());

            assertThat(cli.json("reconcile").exit()).isIn(0, 4);
            assertThat(suspended).content().startsWith("0");
            guest.awaitWriting();
            Await.until("no other sentinel is left", () -> aftermath.sentinels().isEmpty());
            aftermath.isPutRight();
        }
    }

    private Cli cli(Duration thawLimit) {
        Cli cli = new Cli(directory);
        cli.configure("freeze-limit: %ds\nthaw-limit: %ds\n"
                .formatted(KillMatrixHostTest.FREEZE_LIMIT.toSeconds(), thawLimit.toSeconds()));
        return cli;
    }

    /** Leaves the first disk suspended; the file that says so. */
    private Path killedWithItsTool(Cli cli, LabGuest guest) throws IOException {
        Path device = guest.disks().get(0).image().toRealPath().getFileName();
        Path suspended = Path.of("/sys/block").resolve(device).resolve("dm/suspended");
        Tool ended =
                cli.withToolsIn(killers(suspended), "snapshot", guest.name()).await();
        assertThat(ended.exit()).as("killed: %s", ended).isEqualTo(128 + 9);
        assertThat(suspended).content().startsWith("1");
        return suspended;
    }

    /** Tools of LVM that die, and have whoever called them die, as soon as a file begins with a 1. */
    private Path killers(Path suspended) throws IOException {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        for (String tool : List.of("lvcreate", "lvconvert")) {
            Path script = tools.resolve(tool);
            Files.writeString(script, """
                    #!/bin/sh
                    killed-when %s 1 /usr/sbin/%s "$@"
                    status=$?
                    [ $status -ne 137 ] || kill -s KILL $PPID
                    exit $status
                    """.formatted(suspended, tool));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return tools;
    }
}
