package io.stillframe.guest.libvirt;

import static io.stillframe.guest.libvirt.Xml.attribute;
import static io.stillframe.guest.libvirt.Xml.child;
import static io.stillframe.guest.libvirt.Xml.children;

import io.stillframe.guest.Disk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/** The devices in libvirt's domain XML (https://libvirt.org/formatdomain.html#devices), as far as we ask for them. */
final class DomainXml {
    /** What libvirt takes for a disk whose driver names no format. */
    private static final String DEFAULT_FORMAT = "raw";
    /** The devices that are no drives for a medium. */
    private static final Set<String> DISKS = Set.of("disk", "lun");

    private DomainXml() {}

    static List<Disk> disks(String xml) {
        return devices(xml, "disk").map(DomainXml::disk).toList();
    }

    /** The targets that a guest can write to; not those of drives, which libvirt knows no counters of while empty. */
    static List<String> writableTargets(String xml) {
        return disks(xml).stream()
                .filter(disk -> !disk.readOnly() && DISKS.contains(disk.device()))
                .map(Disk::target)
                .toList();
    }

    /** Whether the machine has a keyboard, of any kind: QEMU presses keys on whichever there is. */
    static boolean hasKeyboard(String xml) {
        return devices(xml, "input").anyMatch(input -> attribute(input, "type").equals(Optional.of("keyboard")));
    }

    /** Whether libvirt says that the job of a running machine's disk may be pivoted now. */
    static boolean readyToPivot(String xml, String target) {
        return devices(xml, "disk")
                .filter(disk -> target(disk).equals(target))
                .flatMap(disk -> child(disk, "mirror").stream())
                .anyMatch(mirror -> attribute(mirror, "ready").equals(Optional.of("yes")));
    }

    private static Stream<Element> devices(String xml, String kind) {
        return children(Xml.parse(xml).getDocumentElement(), "devices").stream()
                .flatMap(devices -> children(devices, kind).stream());
    }

    static String target(Element disk) {
        return child(disk, "target").flatMap(target -> attribute(target, "dev")).orElse("");
    }

    private static Disk disk(Element disk) {
        String type = attribute(disk, "type").orElse("file");
        Optional<Element> driver = child(disk, "driver");
        return new Disk(
                target(disk),
                attribute(disk, "device").orElse("disk"),
                type,
                child(disk, "source").flatMap(source -> path(source, type)),
                driver.flatMap(found -> attribute(found, "type")).orElse(DEFAULT_FORMAT),
                child(disk, "readonly").isPresent(),
                isExclusive(disk),
                driver.flatMap(found -> attribute(found, "cache")).orElse("default"),
                layers(disk));
    }

    private static boolean isExclusive(Element disk) {
        boolean encrypted = child(disk, "encryption")
                .or(() -> child(disk, "source").flatMap(source -> child(source, "encryption")))
                .isPresent();
        return !encrypted
                && child(disk, "shareable").isEmpty()
                && child(disk, "transient").isEmpty();
    }

    /** The nested {@code backingStore}s; an empty one ends the chain, none at all means that libvirt does not know. */
    private static List<Disk.Layer> layers(Element disk) {
        List<Disk.Layer> layers = new ArrayList<>();
        Optional<Element> store = child(disk, "backingStore");
        while (store.isPresent() && attribute(store.get(), "type").isPresent()) {
            layers.add(layer(store.get()));
            store = child(store.get(), "backingStore");
        }
        return layers;
    }

    private static Disk.Layer layer(Element store) {
        String type = attribute(store, "type").orElseThrow();
        Optional<Element> source = child(store, "source");
        String path = source.flatMap(found -> path(found, type))
                .or(() -> source.map(found -> remote(found, type)))
                .orElse("");
        String format = child(store, "format")
                .flatMap(found -> attribute(found, "type"))
                .orElse(DEFAULT_FORMAT);
        return new Disk.Layer(path, format);
    }

    private static Optional<String> path(Element source, String type) {
        return switch (type) {
            case "file" -> attribute(source, "file");
            case "block" -> attribute(source, "dev");
            case "dir" -> attribute(source, "dir");
            default -> Optional.empty();
        };
    }

    /** A layer without a path, for people: {@code rbd:pool/image}. */
    private static String remote(Element source, String type) {
        return attribute(source, "protocol").orElse(type) + ":"
                + attribute(source, "name").orElse("");
    }
}
