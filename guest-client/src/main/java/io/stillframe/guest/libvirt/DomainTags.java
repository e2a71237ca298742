package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.Tag;
import java.io.StringWriter;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * The tags in a domain's metadata (https://libvirt.org/formatdomain.html#general-metadata), where each program has an
 * element of a namespace of its own, which libvirt keeps and does not read.
 */
final class DomainTags {
    static final String NAMESPACE = "https://stillframe.io/domain/1";

    private static final String PREFIX = "stillframe";
    /** {@code VIR_DOMAIN_METADATA_ELEMENT}. */
    private static final int ELEMENT = 2;
    /** {@code VIR_DOMAIN_AFFECT_LIVE}, {@code VIR_DOMAIN_AFFECT_CONFIG}. */
    private static final int LIVE = 1;

    private static final int CONFIG = 2;
    /** {@code VIR_ERR_NO_DOMAIN_METADATA}. */
    private static final int NO_METADATA = 80;

    private DomainTags() {}

    static Set<Tag> of(HostConnection host, Domain domain) {
        int where = host.on("persistence", domain, found -> found.isPersistent() == 1 ? CONFIG : LIVE);
        try {
            return read(host.on("tags", domain, found -> found.getMetadata(ELEMENT, NAMESPACE, where)));
        } catch (GuestException e) {
            if (e.libvirtCode() == NO_METADATA) {
                return Set.of();
            }
            throw e;
        }
    }

    /** Both where both are: the definition for the next start, the running machine for who looks at it. */
    static Void set(Domain domain, Set<Tag> tags) throws LibvirtException {
        int where = (domain.isActive() == 1 ? LIVE : 0) | (domain.isPersistent() == 1 ? CONFIG : 0);
        domain.setMetadata(ELEMENT, tags.isEmpty() ? null : text(tags), PREFIX, NAMESPACE, where);
        return null;
    }

    /** What somebody else wrote there and is no tag is none. */
    static Set<Tag> read(String xml) {
        Set<Tag> tags = new TreeSet<>();
        Xml.children(Xml.parse(xml).getDocumentElement()).stream()
                .map(tag -> Tag.parse(tag.getTextContent()))
                .flatMap(Optional::stream)
                .forEach(tags::add);
        return Collections.unmodifiableSet(tags);
    }

    static String text(Set<Tag> tags) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartElement("tags");
            for (Tag tag : new TreeSet<>(tags)) {
                xml.writeStartElement("tag");
                xml.writeCharacters(tag.name());
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("XML to memory", e);
        }
        return text.toString();
    }
}
