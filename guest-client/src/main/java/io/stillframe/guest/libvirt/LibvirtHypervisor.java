package io.stillframe.guest.libvirt;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.libvirt.Connect;
import org.libvirt.Domain.XMLFlags;
import org.libvirt.LibvirtException;

/** A hypervisor that libvirt manages. */
public final class LibvirtHypervisor implements Hypervisor {
    private final Libraries libraries;
    private final String uri;
    private final Duration callLimit;
    private final Link<HostConnection> link;

    private LibvirtHypervisor(Libraries libraries, String uri, Duration callLimit, Link<HostConnection> link) {
        this.libraries = libraries;
        this.uri = uri;
        this.callLimit = callLimit;
        this.link = link;
    }

    /**
     * Connects.
     *
     * @param uri libvirt's: {@code qemu:///system}
     * @param callLimit how long any call on the hypervisor or a {@link Domain} may take, opening them included
     * @throws GuestException when libvirt cannot be reached or is not installed
     */
    public static LibvirtHypervisor open(String uri, Duration callLimit) {
        if (callLimit.isNegative() || callLimit.isZero()) {
            throw new IllegalArgumentException("a call limit above zero, not " + callLimit);
        }
        Libraries libraries = Libraries.get();
        Link<HostConnection> link = Link.open(uri, callLimit, () -> HostConnection.open(libraries, uri));
        return new LibvirtHypervisor(libraries, uri, callLimit, link);
    }

    @Override
    public List<DomainId> domains() {
        return link.call("domain list", callLimit, host -> {
            List<DomainId> ids = new ArrayList<>();
            for (org.libvirt.Domain domain : host.call("domain list", connect -> connect.listAllDomains(0))) {
                ids.add(take(host, domain));
            }
            return List.copyOf(ids);
        });
    }

    @Override
    public Map<DomainId, List<Disk>> disks() {
        return ofAll("disks", LibvirtHypervisor::disks);
    }

    @Override
    public Map<DomainId, Set<Tag>> tags() {
        return ofAll("tags", DomainTags::of);
    }

    private <T> Map<DomainId, T> ofAll(String what, BiFunction<HostConnection, org.libvirt.Domain, T> question) {
        return link.call(what + " of all machines", callLimit, host -> {
            Map<DomainId, T> answers = new LinkedHashMap<>();
            for (org.libvirt.Domain domain : host.call("domain list", connect -> connect.listAllDomains(0))) {
                try {
                    answers.put(DomainLookup.identity(host, domain), question.apply(host, domain));
                } catch (GuestException e) {
                    if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                        throw e;
                    }
                    // gone since the list was made
                } finally {
                    host.release(domain, org.libvirt.Domain::free);
                }
            }
            return answers;
        });
    }

    /** Of the running machine and of its definition, which may differ. */
    private static List<Disk> disks(HostConnection host, org.libvirt.Domain domain) {
        List<Disk> disks = new ArrayList<>();
        for (int flags : new int[] {0, XMLFlags.INACTIVE}) {
            disks.addAll(DomainXml.disks(host.on("definition", domain, found -> found.getXMLDesc(flags))));
        }
        return disks.stream().distinct().toList();
    }

    @Override
    public void undefine(DomainId id) {
        link.call("removal of a definition", callLimit, host -> {
            try {
                org.libvirt.Domain domain = DomainLookup.byUuid(host, id.uuid());
                try {
                    host.on("removal of vm '" + id.name() + "'", domain, LibvirtHypervisor::undefine);
                } finally {
                    host.release(domain, org.libvirt.Domain::free);
                }
            } catch (GuestException e) {
                if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                    throw e;
                }
            }
            return null;
        });
    }

    /** Without any of the flags that would take away more than the definition. */
    private static Void undefine(org.libvirt.Domain domain) throws LibvirtException {
        if (domain.isActive() != 0) {
            throw new GuestException(GuestFailure.REJECTED, "the machine is not off");
        }
        domain.undefine();
        return null;
    }

    @Override
    public Domain domain(String nameOrUuid) {
        link.requireOpen();
        return LibvirtDomain.open(libraries, uri, nameOrUuid, callLimit);
    }

    @Override
    public Domain domain(DomainId id) {
        link.requireOpen();
        return LibvirtDomain.open(libraries, uri, id, callLimit);
    }

    @Override
    public GuestAgent agent(DomainId domain) {
        link.requireOpen();
        return LibvirtAgent.open(libraries, uri, domain, callLimit);
    }

    @Override
    public String version() {
        return link.call("version", callLimit, host -> host.call("version", LibvirtHypervisor::describe));
    }

    @Override
    public void close() {
        link.close(callLimit);
    }

    /** Reads who a domain is and lets go of it. */
    private static DomainId take(HostConnection host, org.libvirt.Domain domain) {
        try {
            return DomainLookup.identity(host, domain);
        } finally {
            host.release(domain, org.libvirt.Domain::free);
        }
    }

    private static String describe(Connect connect) throws LibvirtException {
        return "libvirt " + dotted(connect.getLibVersion()) + ", " + connect.getType() + " "
                + dotted(connect.getVersion());
    }

    /** libvirt's and QEMU's versions as one number: 9000000 is 9.0.0. */
    static String dotted(long version) {
        return version / 1_000_000 + "." + version / 1000 % 1000 + "." + version % 1000;
    }
}
