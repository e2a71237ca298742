package io.stillframe.guest.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import org.libvirt.Connect;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt.VirErrorCallback;

/**
 * libvirt within this process: loaded, silent, its event loop running. All of that is process-wide and for good, and
 * must come before the first connection.
 */
final class Libraries {
    /** Held here for good: libvirt keeps the bare function pointer, and a collected callback is a crash. */
    private static final VirErrorCallback SILENT = (data, error) -> {};

    private static Libraries loaded;

    private final LibvirtLibrary libvirt;
    private final LibvirtQemuLibrary qemu;

    private Libraries(LibvirtLibrary libvirt, LibvirtQemuLibrary qemu) {
        this.libvirt = libvirt;
        this.qemu = qemu;
    }

    /** @throws GuestException {@link GuestFailure#UNSUPPORTED} where libvirt's client libraries are not installed */
    static synchronized Libraries get() {
        if (loaded == null) {
            loaded = load();
        }
        return loaded;
    }

    private static Libraries load() {
        // libvirt-java names no encoding of its own and would take the locale's for paths and names
        if (System.getProperty("jna.encoding") == null) {
            System.setProperty("jna.encoding", "UTF-8");
        }
        try {
            Libraries libraries = new Libraries(LibvirtLibrary.load(), LibvirtQemuLibrary.load());
            Connect.setErrorCallback(SILENT);
            Library.initEventLoop();
            EventLoop.start();
            return libraries;
        } catch (LinkageError e) {
            throw new GuestException(
                    GuestFailure.UNSUPPORTED, 0, "libvirt's client libraries (libvirt.so.0) cannot be loaded", e);
        } catch (LibvirtException e) {
            throw new GuestException(GuestFailure.UNSUPPORTED, 0, "libvirt's event loop cannot be set up", e);
        }
    }

    LibvirtLibrary libvirt() {
        return libvirt;
    }

    LibvirtQemuLibrary qemu() {
        return qemu;
    }

    /** Frees what libvirt allocated for its caller. */
    static void free(Pointer memory) {
        Native.free(Pointer.nativeValue(memory));
    }
}
