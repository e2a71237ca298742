package io.stillframe.guest.libvirt;

import org.libvirt.LibvirtException;

/** Something that libvirt-java is asked to do with one of its objects. */
@FunctionalInterface
interface LibvirtCall<S, T> {
    T on(S subject) throws LibvirtException;
}
