package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskOverlay;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SnapshotXmlTest {
    private static final List<Disk> DISKS = List.of(disk("vda"), disk("vdb"), disk("sda"));

    @Test
    void listed_disks_switch_and_every_other_one_is_told_to_stay() {
        assertThat(SnapshotXml.of(List.of(overlay("vdb", "/srv/b.qcow2")), DISKS))
                .isEqualTo("<domainsnapshot><disks>"
                        + "<disk name=\"vda\" snapshot=\"no\"></disk>"
                        + "<disk name=\"vdb\" snapshot=\"external\" type=\"file\">"
                        + "<driver type=\"qcow2\"/><source file=\"/srv/b.qcow2\"/></disk>"
                        + "<disk name=\"sda\" snapshot=\"no\"></disk>"
                        + "</disks></domainsnapshot>");
    }

    @Test
    void a_path_cannot_break_out_of_its_attribute() {
        assertThat(SnapshotXml.of(List.of(overlay("vda", "/srv/März \"/><x a='&<.qcow2")), DISKS))
                .contains("<source file=\"/srv/März &quot;/&gt;&lt;x a='&amp;&lt;.qcow2\"/>");
    }

    @Test
    void what_makes_no_sense_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> SnapshotXml.of(List.of(), DISKS));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnapshotXml.of(List.of(overlay("vdz", "/srv/z.qcow2")), DISKS));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnapshotXml.of(List.of(overlay("vda", "a.qcow2")), DISKS));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        SnapshotXml.of(List.of(overlay("vda", "/srv/a.qcow2"), overlay("vda", "/srv/b.qcow2")), DISKS));
    }

    private static DiskOverlay overlay(String target, String path) {
        return new DiskOverlay(target, Path.of(path));
    }

    private static Disk disk(String target) {
        return new Disk(target, "disk", "file", Optional.of("/srv/x"), "qcow2", false, true, "default", List.of());
    }
}
