package io.stillframe.guest.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;

/**
 * What we call in {@code libvirt.so.0} beside libvirt-java; the names are libvirt's ({@code libvirt-domain.h},
 * {@code libvirt-host.h}, {@code virterror.h}). The versioned soname is loaded: the unversioned one belongs to
 * development packages.
 */
interface LibvirtLibrary extends Library {
    /** Text crosses in UTF-8 whatever the locale; under JNA's default a non-ASCII mountpoint would name another one. */
    Map<String, Object> OPTIONS = Map.of(OPTION_STRING_ENCODING, "UTF-8");

    static LibvirtLibrary load() {
        return Native.load("libvirt.so.0", LibvirtLibrary.class, OPTIONS);
    }

    Pointer virConnectOpen(String uri);

    int virConnectClose(Pointer connection);

    int virConnectIsAlive(Pointer connection);

    int virConnectSetKeepAlive(Pointer connection, int intervalSeconds, int count);

    Pointer virDomainLookupByUUIDString(Pointer connection, String uuid);

    int virDomainFree(Pointer domain);

    int virDomainFSFreeze(Pointer domain, String[] mountpoints, int count, int flags);

    int virDomainFSThaw(Pointer domain, String[] mountpoints, int count, int flags);

    int virDomainGetFSInfo(Pointer domain, PointerByReference list, int flags);

    void virDomainFSInfoFree(Pointer filesystem);

    int virDomainAgentSetResponseTimeout(Pointer domain, int seconds, int flags);

    int virGetLastErrorCode();

    int virGetLastErrorDomain();

    String virGetLastErrorMessage();
}
