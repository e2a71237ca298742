package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.Printable;

/**
 * An error as libvirt reports it. It is read from the calling thread's last error, never from libvirt-java's exception,
 * whose error numbers end at 110: the agent's own (112, 113) would all be "unknown".
 *
 * @param code {@code virErrorNumber}
 * @param domain {@code virErrorDomain}: which part of libvirt says so
 */
record LibvirtError(int code, int domain, String message) {

    /** The last error of this thread: of the native call that just failed on it. */
    static LibvirtError last(LibvirtLibrary libvirt) {
        return new LibvirtError(
                libvirt.virGetLastErrorCode(), libvirt.virGetLastErrorDomain(), libvirt.virGetLastErrorMessage());
    }

    /** @param what the call that failed and whom it was for */
    GuestException asException(Channel channel, String what, Throwable cause) {
        String text = Printable.of(what + ": " + message);
        return new GuestException(FailureTable.failure(code, domain, channel), code, text, cause);
    }

    /** Whom a call talks to: the same number means different things. */
    enum Channel {
        /** libvirtd and QEMU. */
        DOMAIN,
        /** The agent in the guest. */
        AGENT
    }
}
