package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Disk.Layer;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlTest {
    /** A running lab guest after a switch to an overlay with a difficult name. */
    private static final String RUNNING = "domain-running-libvirt-9.0.0.xml";
    /** A definition with every kind of disk, and firmware whose files are no disks. */
    private static final String DEFINED = "domain-defined-libvirt-9.0.0.xml";

    private static final String GUEST = "/var/lib/stillframe-lab/guests/f6237bd0-df82-462e-94c5-a389dfc24ec3/";

    @Test
    void a_running_machine_shows_its_overlay_and_what_is_below() throws IOException {
        assertThat(DomainXml.disks(captured(RUNNING)))
                .containsExactly(
                        new Disk(
                                "vda",
                                "disk",
                                "file",
                                Optional.of(GUEST + "ov & \"März\" <1>.qcow2"),
                                "qcow2",
                                false,
                                true,
                                "default",
                                List.of(new Layer(GUEST + "vda.qcow2", "qcow2"))),
                        disk("vdb", "file", GUEST + "vdb.raw", "raw", "default"),
                        new Disk(
                                "sda",
                                "cdrom",
                                "file",
                                Optional.of(GUEST + "cdrom.iso"),
                                "raw",
                                true,
                                true,
                                "default",
                                List.of()));
    }

    @Test
    void a_definition_shows_every_kind_of_disk_and_nothing_else() throws IOException {
        assertThat(DomainXml.disks(captured(DEFINED)))
                .extracting(Disk::target, Disk::device, Disk::sourceType, Disk::format, Disk::cache)
                .map(tuple -> String.join(
                        " ", tuple.toList().stream().map(Object::toString).toList()))
                .containsExactly(
                        "vda disk file qcow2 none",
                        "vdb disk block raw unsafe",
                        "vdc disk network raw writeback",
                        "vdd disk file raw default",
                        "vde disk volume qcow2 default",
                        "sda cdrom file raw default",
                        "fda floppy file raw default");
    }

    @Test
    void only_files_and_devices_have_a_path() throws IOException {
        assertThat(DomainXml.disks(captured(DEFINED)))
                .extracting(Disk::source)
                .containsExactly(
                        Optional.of("/srv/images/db01 — März & \"data\" <1>.qcow2"),
                        Optional.of("/dev/vg0/db01-data"),
                        Optional.empty(),
                        Optional.of("/srv/images/no-driver.img"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
    }

    @Test
    void read_only_and_shared_disks_say_so() throws IOException {
        List<Disk> disks = DomainXml.disks(captured(DEFINED));

        assertThat(disks).filteredOn(Disk::readOnly).extracting(Disk::target).containsExactly("vdd", "sda");
        assertThat(disks)
                .filteredOn(disk -> !disk.exclusive())
                .extracting(Disk::target)
                .containsExactly("vdb");
    }

    @Test
    void a_guest_writes_to_disks_that_are_not_read_only_and_to_no_other_device() throws IOException {
        assertThat(DomainXml.writableTargets(captured(DEFINED))).containsExactly("vda", "vdb", "vdc", "vde");
        assertThat(DomainXml.writableTargets(captured(RUNNING))).containsExactly("vda", "vdb");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<shareable/>",
                "<transient/>",
                "<encryption format='luks'/>",
                "<source file='/srv/a'><encryption format='luks'/></source>"
            })
    void a_disk_that_others_write_to_or_that_forgets_or_hides_what_is_written_is_not_exclusive(String element) {
        String xml = "<domain><devices><disk type='file'><target dev='vda'/>" + element + "</disk></devices></domain>";

        assertThat(DomainXml.disks(xml)).extracting(Disk::exclusive).containsExactly(false);
    }

    @Test
    void a_chain_is_listed_from_the_top_down() throws IOException {
        assertThat(DomainXml.disks(captured(DEFINED)).get(0).backing())
                .containsExactly(new Layer("/srv/images/middle.qcow2", "qcow2"), new Layer("rbd:pool/base", "raw"));
    }

    @Test
    void a_disk_that_names_no_format_is_raw_as_libvirt_takes_it() {
        assertThat(DomainXml.disks("""
                        <domain><devices><disk type='file'>
                          <source file='/srv/a b.img' index='2'/><target dev='vda'/>
                        </disk></devices></domain>""")).containsExactly(disk("vda", "file", "/srv/a b.img", "raw", "default"));
    }

    @Test
    void a_keyboard_is_an_input_device_of_that_type_on_whatever_bus() throws IOException {
        assertThat(DomainXml.hasKeyboard(captured(RUNNING))).isTrue();
        assertThat(DomainXml.hasKeyboard("<domain><devices><input type='keyboard' bus='usb'/></devices></domain>"))
                .isTrue();
        assertThat(DomainXml.hasKeyboard("""
                        <domain><metadata><input type='keyboard'/></metadata>
                        <devices><input type='mouse' bus='ps2'/><input type='tablet'/></devices></domain>""")).isFalse();
    }

    @Test
    void disks_elsewhere_in_the_document_are_none() {
        assertThat(DomainXml.disks("""
                        <domain><metadata><devices><disk type='file'><target dev='vdz'/></disk></devices></metadata>
                        <devices><hostdev><disk/></hostdev></devices></domain>""")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<domain>",
                "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><domain>&x;</domain>",
                "<!DOCTYPE domain SYSTEM 'http://192.0.2.1/x.dtd'><domain/>",
                "<domain>&unknown;</domain>"
            })
    void a_document_type_or_broken_xml_is_a_bad_reply(String xml) {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> DomainXml.disks(xml))
                .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
    }

    private static Disk disk(String target, String type, String path, String format, String cache) {
        return new Disk(target, "disk", type, Optional.of(path), format, false, true, cache, List.of());
    }

    private static String captured(String resource) throws IOException {
        try (var stream = DomainXmlTest.class.getResourceAsStream(resource)) {
            return new String(stream.readAllBytes(), UTF_8);
        }
    }
}
