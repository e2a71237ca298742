package io.stillframe.guest.libvirt;

import java.util.List;
import java.util.Set;
import org.w3c.dom.Element;

/** The devices of a clone but its disks: nothing of them writes where the original's do, or takes what it holds. */
final class CloneDevices {
    /** Devices that are a program's or the host's end of a line. */
    private static final Set<String> LINES =
            Set.of("serial", "parallel", "console", "channel", "smartcard", "redirdev");

    /** Types of line that belong to one machine: a file, a device, a socket or a port that it listens on. */
    private static final Set<String> OWN = Set.of("file", "pipe", "dev", "unix", "tcp", "udp", "nmdm");

    /** Memory, devices or folders of the host that only one machine can have, or that both would write to. */
    private static final Set<String> HELD = Set.of("hostdev", "shmem", "pstore");

    private CloneDevices() {}

    static void separate(Element devices, List<String> remarks) {
        for (Element device : Xml.children(devices)) {
            String kind = device.getTagName();
            if (LINES.contains(kind)) {
                line(device, remarks);
            } else if (HELD.contains(kind) || sharesFiles(device)) {
                Xml.remove(device);
                remarks.add("a <%s> is left out: the original has it".formatted(kind));
            } else {
                other(device, kind, remarks);
            }
        }
    }

    private static void other(Element device, String kind, List<String> remarks) {
        switch (kind) {
            case "interface" -> network(device, remarks);
            case "graphics" -> graphics(device);
            case "tpm" -> tpm(device, remarks);
            case "vsock" ->
                Xml.children(device, "cid").forEach(cid -> {
                    cid.setAttribute("auto", "yes");
                    cid.removeAttribute("address");
                });
            case "audio" -> {
                if (device.getAttribute("type").equals("file")) {
                    device.setAttribute("type", "none");
                    device.removeAttribute("path");
                }
            }
            default -> {
                // nothing of the host's
            }
        }
    }

    private static void line(Element end, List<String> remarks) {
        for (Element log : Xml.children(end, "log")) {
            Xml.remove(log);
            remarks.add("the log of a <%s> is left out".formatted(end.getTagName()));
        }
        String type = end.getAttribute("type");
        if (!isOwn(end)) {
            return;
        }
        Xml.remove(end, "source");
        Xml.remove(end, "protocol");
        boolean named = end.getTagName().equals("channel") && type.equals("unix");
        if (named) {
            // without a source libvirt makes the socket in its own folder for this machine
            return;
        }
        end.setAttribute("type", "pty");
        remarks.add("a <%s> to a %s of the original is a pty".formatted(end.getTagName(), type));
    }

    private static boolean isOwn(Element end) {
        return OWN.contains(end.getAttribute("type")) && !connects(end);
    }

    /** Whether it goes to a socket that somebody else listens on: both machines can do that. */
    private static boolean connects(Element end) {
        return Set.of("unix", "tcp").contains(end.getAttribute("type"))
                && Xml.children(end, "source").stream()
                        .anyMatch(source -> source.getAttribute("mode").equals("connect"));
    }

    /** Folders that are mounted writable, and memory that is a file. */
    private static boolean sharesFiles(Element device) {
        return switch (device.getTagName()) {
            case "filesystem" -> Xml.child(device, "readonly").isEmpty();
            // entropy from a socket that the original listens on
            case "rng" -> Xml.children(device, "backend").stream().anyMatch(CloneDevices::isOwn);
            case "memory" -> Set.of("nvdimm", "virtio-pmem").contains(device.getAttribute("model"));
            default -> false;
        };
    }

    /** A new MAC and a new port of the bridge are made where none are named. */
    private static void network(Element network, List<String> remarks) {
        if (network.getAttribute("type").equals("hostdev")) {
            Xml.remove(network);
            remarks.add("a network device of the host is left out: the original has it");
            return;
        }
        Xml.remove(network, "mac");
        Xml.children(network, "target").forEach(target -> target.removeAttribute("dev"));
        for (Element port : Xml.children(network, "virtualport")) {
            if (port.getAttribute("type").equals("openvswitch")) {
                Xml.children(port, "parameters").forEach(parameters -> parameters.removeAttribute("interfaceid"));
            }
        }
        if (network.getAttribute("type").equals("vhostuser")) {
            Xml.remove(network);
            remarks.add("a vhost-user network is left out: its socket is the original's");
        }
    }

    private static void graphics(Element graphics) {
        graphics.removeAttribute("socket");
        Xml.children(graphics, "listen").forEach(listen -> listen.removeAttribute("socket"));
        if (graphics.hasAttribute("port")) {
            graphics.setAttribute("port", "-1");
            graphics.setAttribute("autoport", "yes");
        }
        graphics.removeAttribute("tlsPort");
    }

    /** An emulated one keeps its state by the machine's UUID, and so has none at first; the host's own is held. */
    private static void tpm(Element tpm, List<String> remarks) {
        boolean emulated = Xml.children(tpm, "backend").stream()
                .anyMatch(backend -> backend.getAttribute("type").equals("emulator"));
        if (emulated) {
            Xml.children(tpm, "backend").forEach(backend -> Xml.remove(backend, "source"));
            remarks.add("the TPM begins empty: what was sealed in it cannot be opened");
        } else {
            Xml.remove(tpm);
            remarks.add("a <tpm> is left out: the original has it");
        }
    }
}
