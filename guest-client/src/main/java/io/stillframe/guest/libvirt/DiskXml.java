package io.stillframe.guest.libvirt;

import io.stillframe.guest.DiskImage;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Disks of a definition, given other images. */
final class DiskXml {
    /** How the different types of a disk name their source; of the new one only one stays. */
    private static final List<String> NAMES =
            List.of("file", "dev", "dir", "protocol", "name", "pool", "volume", "mode", "index", "startupPolicy");

    private DiskXml() {}

    /** The same definition but for the images of some disks. */
    static String redefined(String xml, List<DiskImage> images) {
        Document document = Xml.parse(xml);
        Map<String, DiskImage> byTarget = byTarget(images);
        for (Element disk : disks(document)) {
            DiskImage image = byTarget.remove(DomainXml.target(disk));
            if (image != null) {
                point(disk, image);
            }
        }
        requireNone(byTarget);
        return Xml.text(document);
    }

    static List<Element> disks(Document document) {
        return Xml.children(document.getDocumentElement(), "devices").stream()
                .flatMap(devices -> Xml.children(devices, "disk").stream())
                .toList();
    }

    static Map<String, DiskImage> byTarget(List<DiskImage> images) {
        Map<String, DiskImage> byTarget = new LinkedHashMap<>();
        for (DiskImage image : images) {
            if (byTarget.put(image.target(), image) != null) {
                throw new IllegalArgumentException("two images for disk " + image.target());
            }
        }
        return byTarget;
    }

    /** @param left images whose disks the definition did not have */
    static void requireNone(Map<String, DiskImage> left) {
        if (!left.isEmpty()) {
            throw new GuestException(
                    GuestFailure.UNSUPPORTED, Printable.of("the definition has no disk " + left.keySet()));
        }
    }

    static void point(Element disk, DiskImage image) {
        boolean file = image.kind() == DiskImage.Kind.FILE;
        String type = file ? "file" : "block";
        Element source = Xml.childOrNew(disk, "source");
        if (!Xml.attribute(disk, "type").orElse("file").equals(type)) {
            Xml.children(source).forEach(Xml::remove);
        }
        // a part of the old image means nothing in the new one
        Xml.remove(source, "slices");
        disk.setAttribute("type", type);
        // a chain that is listed would be believed instead of what the image itself names
        Xml.remove(disk, "backingStore");
        NAMES.forEach(source::removeAttribute);
        source.setAttribute(file ? "file" : "dev", image.path().toString());
        Element driver = Xml.childOrNew(disk, "driver");
        if (!driver.hasAttribute("name")) {
            driver.setAttribute("name", "qemu");
        }
        driver.setAttribute("type", image.format());
    }
}
