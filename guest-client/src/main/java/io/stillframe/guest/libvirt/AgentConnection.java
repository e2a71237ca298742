package io.stillframe.guest.libvirt;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.guest.libvirt.LibvirtError.Channel;
import java.util.List;

/**
 * A native connection of its own to one domain's agent. Everything that can be looked up is looked up when it opens;
 * nothing of it asks the agent, so that it opens as well while the agent is dead. Used by one thread only; the pointers
 * are plain and owned here, nothing finalizes them.
 */
final class AgentConnection implements Link.Connection {
    /** {@code VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK}, what libvirt begins with. */
    private static final int NO_TIMEOUT = -2;

    private final Libraries libraries;
    private final LibvirtLibrary libvirt;
    private final Pointer connection;
    private final String vm;
    private Pointer domain;
    private boolean timeoutSet;

    private AgentConnection(Libraries libraries, Pointer connection, String vm) {
        this.libraries = libraries;
        this.libvirt = libraries.libvirt();
        this.connection = connection;
        this.vm = vm;
    }

    static AgentConnection open(Libraries libraries, String uri, DomainId id) {
        LibvirtLibrary libvirt = libraries.libvirt();
        Pointer connection = libvirt.virConnectOpen(uri);
        if (connection == null) {
            throw LibvirtError.last(libvirt).asException(Channel.DOMAIN, "connect to " + uri, null);
        }
        AgentConnection opened = new AgentConnection(libraries, connection, "vm '" + id.name() + "'");
        boolean complete = false;
        try {
            opened.keepAlive();
            opened.lookUp(id);
            Rehearsal.ofAgentCalls(libvirt);
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                opened.close();
            }
        }
    }

    int freeze(List<String> mountpoints, int seconds) {
        answerWithin(seconds);
        String[] list = mountpoints.isEmpty() ? null : mountpoints.toArray(String[]::new);
        return Bounds.filesystemCount(
                done(Channel.AGENT, "freeze", libvirt.virDomainFSFreeze(domain, list, mountpoints.size(), 0)));
    }

    int thaw(int seconds) {
        answerWithin(seconds);
        return Bounds.filesystemCount(done(Channel.AGENT, "thaw", libvirt.virDomainFSThaw(domain, null, 0, 0)));
    }

    List<GuestFilesystem> filesystems(int seconds) {
        answerWithin(seconds);
        PointerByReference list = new PointerByReference();
        int count = done(Channel.AGENT, "filesystem list", libvirt.virDomainGetFSInfo(domain, list, 0));
        return NativeFilesystems.take(libvirt, list.getValue(), count);
    }

    /** Sends a command in the agent's own protocol. libvirt puts a {@code guest-sync} before it. */
    AgentReply command(AgentCommand command, int seconds) {
        Pointer reply = libraries.qemu().virDomainQemuAgentCommand(domain, command.json(), seconds, 0);
        if (reply == null) {
            throw failure(Channel.AGENT, command.name());
        }
        try {
            return AgentReply.parse(NativeText.bytes(reply, command.mostBytes()));
        } finally {
            Libraries.free(reply);
        }
    }

    @Override
    public boolean alive() {
        return libvirt.virConnectIsAlive(connection) == 1;
    }

    @Override
    public void close() {
        if (domain != null) {
            forgetTimeout();
            libvirt.virDomainFree(domain);
            domain = null;
        }
        libvirt.virConnectClose(connection);
    }

    private void keepAlive() {
        if (libvirt.virConnectSetKeepAlive(connection, KeepAlive.INTERVAL_SECONDS, KeepAlive.COUNT) < 0) {
            KeepAlive.tolerate(failure(Channel.DOMAIN, "keepalive"));
        }
    }

    private void lookUp(DomainId id) {
        domain = libvirt.virDomainLookupByUUIDString(connection, id.uuid().toString());
        if (domain == null) {
            throw failure(Channel.DOMAIN, "lookup");
        }
    }

    /**
     * Makes libvirt itself give up on the agent. libvirt's default is to wait for ever. The timeout is a property of
     * the domain inside libvirtd, not of this connection: every other handle changes it with its own calls and by being
     * closed, so it is told anew before each call, which costs a round trip to libvirtd that waits for nobody. What is
     * changed in between is why the call thread has a deadline as well.
     */
    private void answerWithin(int seconds) {
        if (libvirt.virDomainAgentSetResponseTimeout(domain, seconds, 0) < 0) {
            GuestException failure = failure(Channel.DOMAIN, "agent timeout");
            // drivers without an agent timeout have the deadline of the call thread only
            if (failure.failure() != GuestFailure.UNSUPPORTED) {
                throw failure;
            }
        }
        timeoutSet = true;
    }

    /** Other clients' commands are not ours to cut short: a freeze of theirs that times out may freeze for good. */
    private void forgetTimeout() {
        if (timeoutSet && alive()) {
            libvirt.virDomainAgentSetResponseTimeout(domain, NO_TIMEOUT, 0);
        }
    }

    private int done(Channel channel, String what, int result) {
        if (result < 0) {
            throw failure(channel, what);
        }
        return result;
    }

    private GuestException failure(Channel channel, String what) {
        return LibvirtError.last(libvirt).asException(channel, what + " of " + vm, null);
    }
}
