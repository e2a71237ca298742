/**
 * What Stillframe says to a virtual machine: the {@link io.stillframe.guest.GuestAgent agent port} (freeze, thaw, ask)
 * and the {@link io.stillframe.guest.Domain domain port} (state, disks, pause, snapshot, merge). Every call has a
 * deadline, and every failure is a {@link io.stillframe.guest.GuestException} that says whether the effect may have
 * happened all the same. The libvirt side lives in {@code io.stillframe.guest.libvirt}; everything an agent answers is
 * untrusted.
 */
package io.stillframe.guest;
