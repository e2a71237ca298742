package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.DiskImage.Kind;
import io.stillframe.guest.GuestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class DiskXmlTest {
    private static final Path IMAGE = Path.of("/srv/images/ü & <new> 'one'.qcow2");

    @Test
    void a_disk_names_its_new_image_and_no_longer_what_lay_below_the_old_one() throws IOException {
        Disk disk = DomainXml.disks(DiskXml.redefined(captured(), List.of(file("vda"))))
                .get(0);
        assertThat(disk)
                .isEqualTo(new Disk(
                        "vda", "disk", "file", Optional.of(IMAGE.toString()), "qcow2", false, true, "none", List.of()));
    }

    @Test
    void nothing_else_of_the_definition_changes() throws IOException {
        Document before = Xml.parse(captured());
        Document after = Xml.parse(DiskXml.redefined(captured(), List.of(file("vda"))));
        assertThat(before.isEqualNode(after)).isFalse();
        for (Document document : List.of(before, after)) {
            Xml.remove(DiskXml.disks(document).get(0));
        }
        assertThat(before.isEqualNode(after)).isTrue();
    }

    @Test
    void a_definition_given_the_images_that_it_has_is_the_same() throws IOException {
        String xml = DiskXml.redefined(captured(), List.of(file("vda")));
        assertThat(Xml.parse(DiskXml.redefined(xml, List.of(file("vda")))).isEqualNode(Xml.parse(xml)))
                .isTrue();
    }

    @Test
    void a_disk_of_another_type_keeps_nothing_of_its_old_source() throws IOException {
        String xml = DiskXml.redefined(
                captured(),
                List.of(
                        new DiskImage("vdc", Kind.BLOCK, Path.of("/dev/vg0/new"), "raw"),
                        file("vdb"),
                        file("vde"),
                        file("fda")));
        assertThat(DomainXml.disks(xml))
                .extracting(
                        Disk::target, Disk::sourceType, disk -> disk.source().orElse(""))
                .map(tuple -> String.join(
                        " ", tuple.toList().stream().map(Object::toString).toList()))
                .contains("vdc block /dev/vg0/new", "vdb file " + IMAGE, "vde file " + IMAGE, "fda file " + IMAGE);
        assertThat(xml).doesNotContain("pool/db01", "/dev/vg0/db01-data", "db01-log");
    }

    @Test
    void a_part_of_the_old_image_is_no_part_of_the_new_one() {
        String xml = DiskXml.redefined("""
                        <domain><devices><disk><source file='/a'><slices><slice type='storage' offset='1'/></slices>
                        <seclabel model='dac' relabel='no'/></source><target dev='vda'/></disk></devices></domain>""", List.of(file("vda")));
        assertThat(xml)
                .doesNotContain("slice")
                .contains("<seclabel", "<driver name=\"qemu\" type=\"qcow2\"/>", "type=\"file\"");
    }

    @Test
    void images_without_a_disk_and_disks_with_two_images_are_refused() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> DiskXml.redefined(captured(), List.of(file("vdz"))))
                .withMessage("the definition has no disk [vdz]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DiskXml.redefined(captured(), List.of(file("vda"), file("vda"))));
        assertThatIllegalArgumentException().isThrownBy(() -> new DiskImage("vda", Kind.FILE, Path.of("a"), "raw"));
    }

    private static DiskImage file(String target) {
        return new DiskImage(target, Kind.FILE, IMAGE, "qcow2");
    }

    private static String captured() throws IOException {
        try (var stream = DiskXmlTest.class.getResourceAsStream("domain-defined-libvirt-9.0.0.xml")) {
            return new String(stream.readAllBytes(), UTF_8);
        }
    }
}
