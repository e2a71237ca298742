package io.stillframe.guest.libvirt;

import io.stillframe.guest.DomainId;
import io.stillframe.guest.Tag;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.libvirt.Domain;

/** A connection of its own to one domain, through libvirt-java. Used by one thread only. */
final class DomainConnection implements Link.Connection {
    private final HostConnection host;
    private final Domain domain;
    private final DomainId id;

    private DomainConnection(HostConnection host, Domain domain) {
        this.host = host;
        this.domain = domain;
        this.id = DomainLookup.identity(host, domain);
    }

    static DomainConnection find(Libraries libraries, String uri, String nameOrUuid) {
        return open(libraries, uri, host -> DomainLookup.byNameOrUuid(host, nameOrUuid));
    }

    static DomainConnection open(Libraries libraries, String uri, UUID uuid) {
        return open(libraries, uri, host -> DomainLookup.byUuid(host, uuid));
    }

    private static DomainConnection open(Libraries libraries, String uri, Function<HostConnection, Domain> lookup) {
        HostConnection host = HostConnection.open(libraries, uri);
        boolean complete = false;
        try {
            DomainConnection opened = new DomainConnection(host, lookup.apply(host));
            Rehearsal.ofDomainCalls();
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                host.close();
            }
        }
    }

    DomainId id() {
        return id;
    }

    <T> T call(String what, LibvirtCall<Domain, T> call) {
        return host.on(what + " of vm '" + id.name() + "'", domain, call);
    }

    Set<Tag> tags() {
        return DomainTags.of(host, domain);
    }

    /** Defines a domain: this one anew, or another one. */
    void define(String what, String xml) {
        Domain defined = host.call(what + " of vm '" + id.name() + "'", connect -> connect.domainDefineXML(xml));
        host.release(defined, Domain::free);
    }

    @Override
    public boolean alive() {
        return host.alive();
    }

    @Override
    public void close() {
        host.release(domain, Domain::free);
        host.close();
    }
}
