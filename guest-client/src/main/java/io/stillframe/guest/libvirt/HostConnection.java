package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.libvirt.LibvirtError.Channel;
import java.lang.ref.Reference;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/**
 * A connection through libvirt-java. Its objects free themselves when the collector finds them unused, which compiled
 * code may do while a native call still runs on them: a fence after every call keeps them until then. Used by one
 * thread only.
 */
final class HostConnection implements Link.Connection {
    private final LibvirtLibrary libvirt;
    private final Connect connect;

    private HostConnection(LibvirtLibrary libvirt, Connect connect) {
        this.libvirt = libvirt;
        this.connect = connect;
    }

    static HostConnection open(Libraries libraries, String uri) {
        LibvirtLibrary libvirt = libraries.libvirt();
        Connect connect = with(libvirt, "connect to " + uri, uri, Connect::new);
        HostConnection opened = new HostConnection(libvirt, connect);
        try {
            opened.call("keepalive", host -> host.setKeepAlive(KeepAlive.INTERVAL_SECONDS, KeepAlive.COUNT));
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.UNSUPPORTED) {
                opened.close();
            }
            KeepAlive.tolerate(e);
        }
        return opened;
    }

    <T> T call(String what, LibvirtCall<Connect, T> call) {
        return on(what, connect, call);
    }

    /** Does something with an object of this connection. */
    <S, T> T on(String what, S subject, LibvirtCall<S, T> call) {
        try {
            return with(libvirt, what, subject, call);
        } finally {
            Reference.reachabilityFence(connect);
        }
    }

    @Override
    public boolean alive() {
        try {
            return connect.isAlive();
        } catch (LibvirtException e) {
            return false;
        } finally {
            Reference.reachabilityFence(connect);
        }
    }

    @Override
    public void close() {
        release(connect, Connect::close);
    }

    /** Releases an object of this connection. */
    <S> void release(S subject, LibvirtCall<S, Integer> release) {
        try {
            on("release", subject, release);
        } catch (GuestException e) {
            // its connection is gone, and libvirtd has released everything with it: the caller's result stands
        }
    }

    private static <S, T> T with(LibvirtLibrary libvirt, String what, S subject, LibvirtCall<S, T> call) {
        try {
            return call.on(subject);
        } catch (LibvirtException e) {
            throw LibvirtError.last(libvirt).asException(Channel.DOMAIN, what, e);
        } finally {
            Reference.reachabilityFence(subject);
        }
    }
}
