package io.stillframe.guest;

import java.util.List;
import java.util.Objects;

/**
 * A filesystem mounted in the guest.
 *
 * @param mountpoint where, in the guest's own terms
 * @param device the guest's name of the device: {@code vda1}
 * @param type the guest's name of the type: {@code ext4}
 * @param disks the domain's disks it lies on ({@code vda}), as far as libvirt could tell
 */
public record GuestFilesystem(String mountpoint, String device, String type, List<String> disks) {
    public GuestFilesystem {
        Objects.requireNonNull(mountpoint, "mountpoint");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(type, "type");
        disks = List.copyOf(disks);
    }
}
