package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.LabGuest.LabDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** The host VM itself: its LVM and ZFS are real, and a guest lives on them. */
class BackendsHostTest {
    private static final String NAME = "smoke-" + ProcessHandle.current().pid();
    private static final byte THEN = 1;
    private static final byte NOW = 2;

    @Test
    void a_thick_snapshot_holds_what_its_origin_held() throws IOException {
        Tool.out("lvcreate", "-q", "-y", "-Wn", "-L", "32M", "-n", NAME, "sflab");
        try {
            write(lv(NAME), THEN);
            Tool.out("lvcreate", "-q", "-y", "-s", "-L", "16M", "-n", NAME + "-s", "sflab/" + NAME);
            write(lv(NAME), NOW);
            assertThat(read(lv(NAME))).isEqualTo(NOW);
            assertThat(read(lv(NAME + "-s"))).isEqualTo(THEN);
        } finally {
            Tool.out("lvremove", "-q", "-f", "sflab/" + NAME);
        }
        assertThat(Tool.out("lvs", "--noheadings", "-o", "lv_name", "sflab")).doesNotContain(NAME);
    }

    @Test
    void a_thin_snapshot_holds_what_its_origin_held() throws IOException {
        Tool.out("lvcreate", "-q", "-y", "-V", "64M", "-n", NAME, "--thinpool", "sflab/pool");
        try {
            write(lv(NAME), THEN);
            Tool.out("lvcreate", "-q", "-y", "-s", "-kn", "-n", NAME + "-s", "sflab/" + NAME);
            write(lv(NAME), NOW);
            assertThat(read(lv(NAME))).isEqualTo(NOW);
            assertThat(read(lv(NAME + "-s"))).isEqualTo(THEN);
        } finally {
            Tool.out("lvremove", "-q", "-f", "sflab/" + NAME, "sflab/" + NAME + "-s");
        }
        assertThat(Tool.out("lvs", "--noheadings", "-o", "lv_name", "sflab")).doesNotContain(NAME);
    }

    @Test
    void a_clone_of_a_zvols_snapshot_holds_what_the_zvol_held() throws IOException {
        String volume = "sflabpool/" + NAME;
        Tool.out("zfs", "create", "-V", "32M", volume);
        try {
            write(zvol(NAME), THEN);
            Tool.out("zfs", "snapshot", volume + "@then");
            write(zvol(NAME), NOW);
            Tool.out("zfs", "clone", volume + "@then", volume + "-clone");
            assertThat(read(zvol(NAME))).isEqualTo(NOW);
            assertThat(read(zvol(NAME + "-clone"))).isEqualTo(THEN);
        } finally {
            Tool.out("zfs", "destroy", "-R", volume);
        }
        assertThat(Tool.out("zfs", "list", "-H", "-t", "all", "-o", "name")).doesNotContain(NAME);
    }

    @Test
    void a_guest_on_lvm_and_zfs_freezes_is_snapshotted_and_goes_on() {
        try (LabGuest guest = LabGuest.up(
                "host-smoke",
                "--disk",
                "ext4:lvm",
                "--disk",
                "xfs:thin:cache=none",
                "--disk",
                "ext4:zvol:cache=none",
                "--disk",
                "ext4:zfile")) {
            LabDisk disk = guest.disk("vda");
            String volume = disk.image().getFileName().toString();
            guest.awaitWriting();
            guest.virsh("domfsfreeze");
            try {
                assertThat(guest.isFrozen()).isTrue();
                Tool.out("lvcreate", "-q", "-y", "-s", "-L", "64M", "-n", NAME + "-g", "sflab/" + volume);
            } finally {
                guest.virsh("domfsthaw");
            }
            guest.awaitWriting();
            SnapshotData.of(guest, disk, lv(NAME + "-g"));
        }
        assertThat(Tool.out("lvs", "--noheadings", "-o", "lv_name", "sflab")).doesNotContain("guest-");
        assertThat(Tool.out("zfs", "list", "-H", "-o", "name")).doesNotContain("guest-");
    }

    private static Path lv(String name) {
        return Path.of("/dev/sflab", name);
    }

    private static Path zvol(String name) {
        return Path.of("/dev/zvol/sflabpool", name);
    }

    private static void write(Path device, byte mark) throws IOException {
        Await.until(device + " is there", () -> Files.exists(device));
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(4096).put(0, mark);
            while (block.hasRemaining()) {
                channel.write(block);
            }
            channel.force(true);
        }
    }

    private static byte read(Path device) throws IOException {
        Await.until(device + " is there", () -> Files.exists(device));
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            ByteBuffer first = ByteBuffer.allocate(1);
            assertThat(channel.read(first)).isEqualTo(1);
            return first.get(0);
        }
    }
}
