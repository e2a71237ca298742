package io.stillframe.storage.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountTest {
    private static final List<Mount> MOUNTS = Mount.parseAll("""
            21 1 252:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            30 21 0:44 / /tank rw,xattr,noacl - zfs tank rw,xattr,noacl
            31 30 0:45 / /tank/images rw,xattr,noacl shared:2 master:1 - zfs tank/images rw,xattr,noacl
            32 31 0:46 / /tank/images/tmp rw - tmpfs tmpfs rw
            33 21 0:45 /db/one /srv/bind rw,xattr,noacl - zfs tank/images rw,xattr,noacl
            34 21 0:47 / /srv/two\\040words rw,xattr,noacl - zfs tank/two\\040words rw,xattr,noacl
            35 31 0:48 / /tank/images/.zfs/snapshot/monday ro - zfs tank/images@monday rw,xattr,noacl
            36 21 0:49 / /over rw - zfs tank/below rw
            37 36 0:50 / /over rw - zfs tank/above rw
            38 21 0:45 /db/one.img /srv/one.img rw - zfs tank/images rw
            not a mount
            """);

    @ParameterizedTest
    @CsvSource({
        "/tank/a.img, tank, a.img",
        "/tank/images/a.img, tank/images, a.img",
        "/tank/images/d/e/a.img, tank/images, d/e/a.img",
        "/tank/imagesque/a.img, tank, imagesque/a.img",
        "/srv/bind/a.img, tank/images, db/one/a.img",
        "/srv/one.img, tank/images, db/one.img",
        "/srv/two words/a b, tank/two words, a b",
        "/over/a.img, tank/above, a.img"
    })
    void a_file_is_in_the_dataset_that_is_mounted_nearest(Path file, String dataset, String within) {
        Mount mount = Mount.of(file, MOUNTS).orElseThrow();
        assertThat(mount.isDataset()).isTrue();
        assertThat(mount.source()).isEqualTo(dataset);
        assertThat(mount.within(file)).isEqualTo(within);
    }

    @ParameterizedTest
    @CsvSource({"/srv/a.img", "/tank/images/tmp/a.img", "/tank/images/.zfs/snapshot/monday/a.img"})
    void other_filesystems_and_snapshots_are_no_datasets(Path file) {
        assertThat(Mount.of(file, MOUNTS).orElseThrow().isDataset()).isFalse();
    }

    @Test
    void what_is_no_mount_is_left_out() {
        assertThat(MOUNTS).hasSize(10);
        assertThat(Mount.parseAll("")).isEmpty();
    }

    /** As Linux 6.18 writes them. */
    @Test
    void a_mountpoint_is_read_as_it_is_however_it_is_named() {
        List<Mount> mounts = Mount.parseAll(String.join(
                "\n",
                "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
                "83 27 0:41 / /tmp/q2/a\\040b/m\\012n\\134.raw rw,nosuid,nodev,relatime - fuse /dev/fuse"
                        + " rw,user_id=0,group_id=0,default_permissions,max_read=67108864"));
        assertThat(mounts).extracting(mount -> mount.point().toString()).containsExactly("/", "/tmp/q2/a b/m\nn\\.raw");
    }

    @Test
    void the_root_is_mounted_and_a_file_in_it_is_not() {
        assertThat(Mount.isPoint(Path.of("/"))).isTrue();
        assertThat(Mount.isPoint(Path.of("/etc/hostname.raw"))).isFalse();
    }
}
