package io.stillframe.guest.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.stillframe.guest.GuestFilesystem;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads libvirt's array of {@code virDomainFSInfoPtr}: {@code { char *mountpoint; char *name; char *fstype; size_t
 * ndevAlias; char **devAlias; }}, five words each.
 */
final class NativeFilesystems {
    private static final int WORD = Native.POINTER_SIZE;

    private NativeFilesystems() {}

    /** Reads the array and frees it, whatever the reading comes to. */
    static List<GuestFilesystem> take(LibvirtLibrary libvirt, Pointer array, int count) {
        try {
            List<GuestFilesystem> filesystems = new ArrayList<>();
            for (int i = 0; i < Bounds.entries(count); i++) {
                filesystems.add(read(array.getPointer((long) i * WORD)));
            }
            return List.copyOf(filesystems);
        } finally {
            for (int i = 0; i < count; i++) {
                libvirt.virDomainFSInfoFree(array.getPointer((long) i * WORD));
            }
            if (array != null) {
                Libraries.free(array);
            }
        }
    }

    private static GuestFilesystem read(Pointer info) {
        String mountpoint = NativeText.name(info.getPointer(0));
        String device = NativeText.name(info.getPointer(WORD));
        String type = NativeText.name(info.getPointer(2L * WORD));
        long disks = WORD == Long.BYTES ? info.getLong(3L * WORD) : info.getInt(3L * WORD);
        return new GuestFilesystem(mountpoint, device, type, disks(info.getPointer(4L * WORD), Bounds.entries(disks)));
    }

    private static List<String> disks(Pointer aliases, int count) {
        List<String> disks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            disks.add(NativeText.name(aliases.getPointer((long) i * WORD)));
        }
        return disks;
    }
}
