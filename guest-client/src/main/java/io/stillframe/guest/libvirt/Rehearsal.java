package io.stillframe.guest.libvirt;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskOverlay;
import java.nio.file.Path;
import java.util.List;
import org.libvirt.jna.Libvirt;

/**
 * Walks the way of the calls that come while a guest is frozen, once before it is: classes are loaded, native functions
 * are found and bound. A process that takes one snapshot would do that inside its only freeze window, where it costs
 * tens of milliseconds. libvirt refuses a null domain at once and asks nobody.
 */
final class Rehearsal {
    private static final int NO_FLAGS = 0;

    private Rehearsal() {}

    static void ofAgentCalls(LibvirtLibrary libvirt) {
        libvirt.virDomainAgentSetResponseTimeout(null, 1, NO_FLAGS);
        libvirt.virDomainFSFreeze(null, new String[] {"/"}, 1, NO_FLAGS);
        libvirt.virDomainFSThaw(null, null, 0, NO_FLAGS);
    }

    static void ofDomainCalls() {
        Disk disk = DomainXml.disks("<domain><devices><disk type='file'><source file='/'/><target dev='a'/></disk>"
                        + "</devices></domain>")
                .get(0);
        String xml = SnapshotXml.of(List.of(new DiskOverlay(disk.target(), Path.of("/"))), List.of(disk));
        Libvirt.INSTANCE.virDomainSuspend(null);
        Libvirt.INSTANCE.virDomainSnapshotCreateXML(null, xml, NO_FLAGS);
        Libvirt.INSTANCE.virDomainSnapshotFree(null);
        Libvirt.INSTANCE.virDomainResume(null);
    }
}
