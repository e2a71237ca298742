package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.filesystem.Format.Filesystem;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Head;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tells what a volume holds, and whether it was at rest. */
public final class Filesystems {
    private static final List<Format> FORMATS = formats();
    /** How much of a volume must be zero for it to be called so: all places of marks but two are in it. */
    private static final int ZERO = 8192;

    private Filesystems() {}

    /** What was found on a volume. */
    public record Examined(Content content, FilesystemState state) {}

    /**
     * Looks at a volume. A volume that bears the marks of two formats is not provable: a guest could otherwise show the mark
     * of one and use the other.
     */
    public static Examined examine(DiskImage volume) {
        try {
            return known(new Head(volume));
        } catch (Unreadable e) {
            return new Examined(Content.of(Kind.UNKNOWN), new Unprovable(e.getMessage()));
        }
    }

    private static Examined known(DiskImage volume) {
        List<Filesystem> found = new ArrayList<>();
        for (Format format : FORMATS) {
            format.find(volume).ifPresent(found::add);
        }
        if (found.size() > 1) {
            return new Examined(
                    Content.of(Kind.UNKNOWN), new Unprovable("it bears the marks of several formats: " + kinds(found)));
        }
        return found.stream().findFirst().map(Filesystems::examined).orElseGet(() -> nothing(volume));
    }

    private static Examined examined(Filesystem filesystem) {
        Content content = filesystem.content();
        try {
            return new Examined(content, filesystem.examine());
        } catch (Unreadable e) {
            return new Examined(content, new Unprovable(e.getMessage()));
        }
    }

    private static Examined nothing(DiskImage volume) {
        boolean zero = volume.bytes(0, (int) Math.min(ZERO, volume.size())).zero();
        return new Examined(
                Content.of(zero ? Kind.ZERO : Kind.UNKNOWN),
                new Unprovable(zero ? "there is nothing where marks would be" : "nothing that is known is there"));
    }

    private static String kinds(List<Filesystem> found) {
        return found.stream()
                .map(filesystem -> filesystem.content().kind().label())
                .collect(Collectors.joining(", "));
    }

    private static List<Format> formats() {
        List<Format> formats = new ArrayList<>(
                List.of(new Ext(), new Xfs(), new Btrfs(), new Fat(), new ExFat(), new Ntfs(), MdRaid.AT_THE_END));
        formats.addAll(List.of(Others.values()));
        return List.copyOf(formats);
    }
}
