/**
 * The ports of {@link io.stillframe.guest} over libvirt; the only package that knows libvirt-java and JNA. A handle (the
 * hypervisor, a domain, an agent) has a thread and a connection of its own: native calls cannot be interrupted, so one
 * that hangs costs its thread and its handle and nothing else, and libvirtd's limit of five requests in flight per
 * connection is never shared between a call that hangs and the thaw that must get through. Domains go through
 * libvirt-java; the agent goes through {@link io.stillframe.guest.libvirt.LibvirtLibrary our own binding}, since
 * libvirt-java lacks freeze, thaw and the newer error numbers.
 */
package io.stillframe.guest.libvirt;
