package io.stillframe.storage.qcow2;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.export.Qcow2Header;
import io.stillframe.storage.qcow2.OverlaySpace.Removal;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Empty overlays, made beside the images that they cover, and removed. */
final class Overlays {
    private final QemuImg qemuImg;
    private final OverlaySpace space;
    /** What lay in an overlay's place before this process made any: never to be removed. */
    private final Set<Path> foreign = new HashSet<>();

    Overlays(QemuImg qemuImg, OverlaySpace space) {
        this.qemuImg = qemuImg;
        this.space = space;
    }

    /**
     * Makes one, durably. Refused when there is anything in its place, which is left as it is; what was begun and could not
     * be finished is removed again.
     */
    Outcome make(Path overlay, Layer base) {
        try {
            if (!space.claim(overlay)) {
                foreign.add(overlay);
                return new Outcome.Refused("%s exists already".formatted(overlay));
            }
        } catch (UncheckedIOException e) {
            return new Outcome.Refused(e.getMessage());
        }
        try {
            qemuImg.createOverlay(overlay, base.file(), base.format());
            space.guardLike(base.file(), overlay);
            space.force(overlay);
            return new Outcome.Done();
        } catch (CommandException | UncheckedIOException e) {
            return takenBack(overlay, e.getMessage());
        }
    }

    private Outcome takenBack(Path overlay, String reason) {
        try {
            return space.remove(overlay) == Removal.IN_USE
                    ? new Outcome.Indeterminate("%s, and QEMU has %s open".formatted(reason, overlay))
                    : new Outcome.Refused(reason);
        } catch (UncheckedIOException e) {
            return new Outcome.Indeterminate("%s, and %s is left: %s".formatted(reason, overlay, e.getMessage()));
        }
    }

    /** Removes one, if it is ours. */
    Removal remove(Path overlay, Path base) {
        return isOurs(overlay, base) ? space.remove(overlay) : Removal.ABSENT;
    }

    /**
     * Whether what lies in an overlay's place was made by us, in this process or another: it covers the image that ours
     * was to cover, or it is the beginning of an overlay and holds nothing. A tool that was killed leaves the latter.
     */
    boolean isOurs(Path overlay, Path base) {
        if (foreign.contains(overlay) || !Files.isRegularFile(overlay, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Optional<Path> backing = ImageChain.backing(overlay);
        return backing.isPresent() ? ImageChain.same(backing.get(), base) : Qcow2Header.holdsNothing(overlay);
    }
}
