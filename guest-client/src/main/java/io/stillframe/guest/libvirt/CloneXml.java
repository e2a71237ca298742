package io.stillframe.guest.libvirt;

import io.stillframe.guest.DiskImage;
import io.stillframe.guest.Domain.OtherDisks;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * The definition of another machine, made from one's own: with an identity of its own, and without anything that both
 * could write to. What is not known to be safe to share is left out and told.
 *
 * @param xml the definition
 * @param remarks what the other machine has not, or has otherwise
 */
record CloneXml(String xml, List<String> remarks) {
    /** What may be in both machines' metadata. */
    private static final String OURS = "https://stillframe.io/";

    private static final Set<String> DRIVES = Set.of("cdrom", "floppy");

    CloneXml {
        remarks = List.copyOf(remarks);
    }

    static CloneXml of(String xml, DomainId clone, List<DiskImage> images, OtherDisks others) {
        Document document = Xml.parse(xml);
        List<String> remarks = new ArrayList<>();
        Element domain = document.getDocumentElement();
        identify(domain, clone, remarks);
        firmware(domain, remarks);
        disks(document, images, others, remarks);
        for (Element devices : Xml.children(domain, "devices")) {
            CloneDevices.separate(devices, remarks);
        }
        return new CloneXml(
                Xml.text(document),
                remarks.stream().map(Printable::of).distinct().toList());
    }

    private static void identify(Element domain, DomainId clone, List<String> remarks) {
        text(Xml.childOrNew(domain, "name"), clone.name());
        text(Xml.childOrNew(domain, "uuid"), clone.uuid().toString());
        domain.removeAttribute("id");
        // an empty one is given a new value: a Windows guest sees by it that it is a copy
        Xml.children(domain, "genid").forEach(id -> text(id, ""));
        Xml.children(domain, "sysinfo").stream()
                .flatMap(info -> Xml.children(info, "system").stream())
                .flatMap(system -> Xml.children(system, "entry").stream())
                .filter(entry -> entry.getAttribute("name").equals("uuid"))
                .forEach(Xml::remove);
        for (Element metadata : Xml.children(domain, "metadata")) {
            for (Element element : Xml.children(metadata)) {
                if (!namespaceOf(element).startsWith(OURS)) {
                    Xml.remove(element);
                    remarks.add("metadata <%s> is left out".formatted(element.getTagName()));
                }
            }
        }
        for (Element arguments : Xml.children(domain)) {
            if (arguments.getTagName().endsWith(":commandline")) {
                Xml.remove(arguments);
                remarks.add("QEMU arguments of its own (<%s>) are left out: they may name files"
                        .formatted(arguments.getTagName()));
            }
        }
    }

    /** The parser knows no namespaces, as little as libvirt's users do: the declaration is an attribute. */
    private static String namespaceOf(Element element) {
        String[] name = element.getTagName().split(":", 2);
        return element.getAttribute(name.length == 2 ? "xmlns:" + name[0] : "xmlns");
    }

    /** libvirt makes new variables from the template, or the firmware's own, at the first start. */
    private static void firmware(Element domain, List<String> remarks) {
        for (Element os : Xml.children(domain, "os")) {
            for (Element loader : Xml.children(os, "loader")) {
                if (loader.getAttribute("readonly").equals("no")) {
                    throw new GuestException(
                            GuestFailure.UNSUPPORTED, "the machine's firmware is a file that it writes to itself");
                }
            }
            for (Element nvram : Xml.children(os, "nvram")) {
                Xml.children(nvram).forEach(Xml::remove);
                text(nvram, "");
                nvram.removeAttribute("type");
                if (nvram.getAttributes().getLength() == 0) {
                    Xml.remove(nvram);
                }
                remarks.add("the firmware's variables (boot entries, keys) begin anew");
            }
        }
    }

    private static void disks(Document document, List<DiskImage> images, OtherDisks others, List<String> remarks) {
        Map<String, DiskImage> byTarget = DiskXml.byTarget(images);
        for (Element disk : DiskXml.disks(document)) {
            String target = DomainXml.target(disk);
            DiskImage image = byTarget.remove(target);
            if (image != null) {
                DiskXml.point(disk, image);
            } else if (DRIVES.contains(disk.getAttribute("device"))) {
                eject(disk, target, remarks);
            } else if (others == OtherDisks.LEFT_OUT) {
                Xml.remove(disk);
                remarks.add("disk %s is left out".formatted(target));
            } else if (Xml.child(disk, "readonly").isEmpty()) {
                throw new GuestException(
                        GuestFailure.UNSUPPORTED,
                        Printable.of("disk %s can be written to, so two machines cannot have it".formatted(target)));
            }
        }
        DiskXml.requireNone(byTarget);
    }

    private static void eject(Element drive, String target, List<String> remarks) {
        boolean written = !drive.getAttribute("device").equals("cdrom")
                && Xml.child(drive, "readonly").isEmpty();
        if (written && Xml.child(drive, "source").isPresent()) {
            Xml.remove(drive, "source");
            Xml.remove(drive, "backingStore");
            remarks.add("the medium in %s, which can be written to, is left out".formatted(target));
        }
    }

    private static void text(Element element, String text) {
        element.setTextContent(text);
    }
}
