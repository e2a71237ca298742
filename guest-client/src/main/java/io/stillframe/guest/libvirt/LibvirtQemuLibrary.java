package io.stillframe.guest.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** What we call in {@code libvirt-qemu.so.0}: agent commands that libvirt has no function for. */
interface LibvirtQemuLibrary extends Library {
    static LibvirtQemuLibrary load() {
        return Native.load("libvirt-qemu.so.0", LibvirtQemuLibrary.class, LibvirtLibrary.OPTIONS);
    }

    /**
     * Passes a command on to the agent.
     *
     * @param timeoutSeconds how long libvirt waits for the answer
     * @return a C string for the caller to free, or null
     */
    Pointer virDomainQemuAgentCommand(Pointer domain, String command, int timeoutSeconds, int flags);
}
