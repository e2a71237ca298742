package io.stillframe.storage.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
    /** As Linux 6.18 writes them. */
    private static final List<String> LINES = List.of(
            "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
            "83 27 0:41 / /tmp/q2/a\\040b/m\\012n\\134.raw rw,nosuid,nodev,relatime - fuse /dev/fuse"
                    + " rw,user_id=0,group_id=0,default_permissions,max_read=67108864");

    @Test
    void a_mountpoint_is_read_as_it_is_however_it_is_named() {
        assertThat(MountTable.points(LINES)).containsExactly("/", "/tmp/q2/a b/m\nn\\.raw");
    }

    @Test
    void the_root_is_mounted_and_a_file_in_it_is_not() {
        assertThat(MountTable.has(Path.of("/"))).isTrue();
        assertThat(MountTable.has(Path.of("/etc/hostname.raw"))).isFalse();
    }
}
