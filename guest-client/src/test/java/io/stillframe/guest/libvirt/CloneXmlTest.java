package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.Domain.OtherDisks;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloneXmlTest {
    /** A definition with one of everything that two machines must not share. */
    private static final String CLONABLE = "domain-clonable-libvirt-9.0.0.xml";

    private static final DomainId CLONE = new DomainId(UUID.randomUUID(), "a <copy> & \"more\"");
    private static final DiskImage ROOT =
            new DiskImage("vda", DiskImage.Kind.FILE, Path.of("/srv/images/copy & <1>.raw"), "raw");
    private static final DiskImage DATA =
            new DiskImage("vdb", DiskImage.Kind.BLOCK, Path.of("/dev/vg0/data.sf-1"), "raw");

    private final CloneXml made = CloneXml.of(captured(), CLONE, List.of(ROOT, DATA), OtherDisks.SHARED);

    @Test
    void a_clone_is_somebody_else() {
        assertThat(made.xml())
                .contains("<name>a &lt;copy&gt; &amp; \"more\"</name>", "<uuid>" + CLONE.uuid() + "</uuid>")
                .doesNotContain("q2 rich", "5d6f9f0e-3c9a-4c1e-8d8a-6f7e8a9b0c1d", "43dc0cf8")
                .doesNotContain("<mac", "52:54:00")
                .contains("<entry name=\"manufacturer\">Example</entry>");
    }

    @Test
    void its_disks_are_the_ones_given_and_media_are_shared() {
        assertThat(DomainXml.disks(made.xml()))
                .extracting(Disk::target, Disk::sourceType, Disk::source, Disk::format, Disk::cache)
                .map(tuple -> tuple.toList().stream()
                        .map(value -> value instanceof Optional<?> some ? some.orElse(null) : value)
                        .map(String::valueOf)
                        .toList())
                .containsExactly(
                        List.of("vda", "file", "/srv/images/copy & <1>.raw", "raw", "none"),
                        List.of("vdb", "block", "/dev/vg0/data.sf-1", "raw", "none"),
                        List.of("vdc", "file", "/srv/images/tools.img", "raw", "default"),
                        List.of("sda", "file", "/srv/iso/install.iso", "raw", "default"),
                        List.of("fda", "file", "null", "raw", "default"));
        assertThat(made.xml()).contains("<serial>ROOT</serial>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/srv/images/rich",
                "/srv/images/base.raw",
                "/dev/vg0/data<",
                "floppy.img",
                "rich_VARS.fd",
                "/var/log/",
                "/run/rich/",
                "7777",
                "/srv/share",
                "/srv/audio.wav",
                "/srv/debug.txt",
                "0xbeef",
                "ring",
                "5907",
                "db01-net",
                "address='3'",
                "4711"
            })
    void nothing_of_the_originals_that_only_one_can_have_is_left(String mention) {
        assertThat(captured()).contains(mention.replace("<", ""));
        assertThat(made.xml()).doesNotContain(mention);
    }

    @Test
    void what_can_be_shared_is_as_it_was() {
        assertThat(made.xml())
                .contains("/srv/docs", "/run/collector.sock", "/dev/urandom", "/usr/share/OVMF/OVMF_CODE.fd")
                .contains("<nvram template=\"/usr/share/OVMF/OVMF_VARS.fd\"/>", "policy=\"daily\"", "secret12")
                .contains("org.qemu.guest_agent.0", "org.example.two", "org.example.events");
    }

    @Test
    void what_a_clone_has_not_is_told() {
        assertThat(made.remarks())
                .containsExactly(
                        "metadata <inv:entry> is left out",
                        "QEMU arguments of its own (<qemu:commandline>) are left out: they may name files",
                        "the firmware's variables (boot entries, keys) begin anew",
                        "the medium in fda, which can be written to, is left out",
                        "a <filesystem> is left out: the original has it",
                        "the log of a <serial> is left out",
                        "a <serial> to a file of the original is a pty",
                        "a <parallel> to a tcp of the original is a pty",
                        "the log of a <console> is left out",
                        "a <console> to a file of the original is a pty",
                        "a <channel> to a file of the original is a pty",
                        "a <hostdev> is left out: the original has it",
                        "a <rng> is left out: the original has it",
                        "a <shmem> is left out: the original has it");
    }

    @Test
    void further_disks_are_left_out_where_they_are_not_wanted() {
        CloneXml alone = CloneXml.of(captured(), CLONE, List.of(ROOT), OtherDisks.LEFT_OUT);
        assertThat(DomainXml.disks(alone.xml())).extracting(Disk::target).containsExactly("vda", "sda", "fda");
        assertThat(alone.remarks()).contains("disk vdb is left out", "disk vdc is left out");
    }

    @Test
    void a_disk_that_can_be_written_to_is_never_shared() {
        assertUnsupported("disk vdb can be written to", captured(), List.of(ROOT));
    }

    @Test
    void a_disk_that_is_not_there_is_told() {
        assertUnsupported(
                "the definition has no disk [vdz]",
                captured(),
                List.of(ROOT, DATA, new DiskImage("vdz", DiskImage.Kind.FILE, Path.of("/z"), "raw")));
    }

    @Test
    void a_machine_that_writes_to_its_firmware_is_not_cloned() {
        assertUnsupported(
                "the machine's firmware is a file",
                "<domain><os><loader readonly='no' type='pflash'>/srv/own.fd</loader></os><devices/></domain>",
                List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<interface type='vhostuser'><source type='unix' path='/HELD' mode='server'/></interface>",
                "<interface type='hostdev'><source><address type='pci' bus='0xHELD'/></source></interface>",
                "<memory model='nvdimm'><source><path>/HELD</path></source></memory>",
                "<tpm model='tpm-tis'><backend type='passthrough'><device path='/HELD'/></backend></tpm>",
                "<tpm model='tpm-crb'><backend type='emulator'><source type='dir' path='/HELD'/></backend></tpm>",
                "<pstore backend='acpi-erst'><path>/HELD</path></pstore>",
                "<graphics type='vnc' socket='/HELD'><listen type='socket' socket='/HELD'/></graphics>",
                "<console type='pty'><log file='/HELD'/></console>",
                "<smartcard mode='passthrough' type='unix'><source mode='bind' path='/HELD'/></smartcard>"
            })
    void rarer_devices_do_not_share_either(String device) {
        CloneXml rare =
                CloneXml.of("<domain><devices>" + device + "</devices></domain>", CLONE, List.of(), OtherDisks.SHARED);
        assertThat(rare.xml()).doesNotContain("HELD");
    }

    private static void assertUnsupported(String message, String xml, List<DiskImage> images) {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> CloneXml.of(xml, CLONE, images, OtherDisks.SHARED))
                .withMessageStartingWith(message)
                .matches(e -> e.failure() == GuestFailure.UNSUPPORTED);
    }

    private static String captured() {
        try (var stream = CloneXmlTest.class.getResourceAsStream(CLONABLE)) {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
