package io.stillframe.guest.libvirt;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskOverlay;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The {@code <domainsnapshot>} that makes overlays the active layers. Every other disk says {@code no}: libvirt would
 * snapshot a disk that is not listed.
 */
final class SnapshotXml {
    private SnapshotXml() {}

    static String of(List<DiskOverlay> overlays, List<Disk> disks) {
        Map<String, DiskOverlay> byTarget = byTarget(overlays);
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartElement("domainsnapshot");
            xml.writeStartElement("disks");
            for (Disk disk : disks) {
                write(xml, disk.target(), byTarget.remove(disk.target()));
            }
            xml.writeEndElement();
            xml.writeEndElement();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("XML to memory", e);
        }
        if (!byTarget.isEmpty()) {
            throw new IllegalArgumentException("the domain has no disk " + byTarget.keySet());
        }
        return text.toString();
    }

    private static Map<String, DiskOverlay> byTarget(List<DiskOverlay> overlays) {
        if (overlays.isEmpty()) {
            throw new IllegalArgumentException("no overlays to switch to");
        }
        Map<String, DiskOverlay> byTarget = new LinkedHashMap<>();
        for (DiskOverlay overlay : overlays) {
            if (!overlay.overlay().isAbsolute()) {
                throw new IllegalArgumentException("not an absolute path: " + overlay.overlay());
            }
            if (byTarget.put(overlay.target(), overlay) != null) {
                throw new IllegalArgumentException("two overlays for disk " + overlay.target());
            }
        }
        return byTarget;
    }

    private static void write(XMLStreamWriter xml, String target, DiskOverlay overlay) throws XMLStreamException {
        xml.writeStartElement("disk");
        xml.writeAttribute("name", target);
        if (overlay == null) {
            xml.writeAttribute("snapshot", "no");
        } else {
            xml.writeAttribute("snapshot", "external");
            xml.writeAttribute("type", "file");
            xml.writeEmptyElement("driver");
            xml.writeAttribute("type", "qcow2");
            xml.writeEmptyElement("source");
            xml.writeAttribute("file", overlay.overlay().toString());
        }
        xml.writeEndElement();
    }
}
