package io.stillframe.guest.libvirt;

import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/** The test driver's host from the other side: what no port of ours does. All connections to it share one state. */
final class PretendedHost implements AutoCloseable {
    private final Connect connect;

    PretendedHost() throws LibvirtException {
        connect = new Connect("test:///default");
    }

    void powerOff(String name) throws LibvirtException {
        var domain = connect.domainLookupByName(name);
        domain.destroy();
        domain.free();
    }

    void powerOn(String name) throws LibvirtException {
        var domain = connect.domainLookupByName(name);
        domain.create();
        domain.free();
    }

    @Override
    public void close() throws LibvirtException {
        connect.close();
    }
}
