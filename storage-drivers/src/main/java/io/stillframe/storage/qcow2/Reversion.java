package io.stillframe.storage.qcow2;

import io.stillframe.storage.Change;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Power;
import java.nio.file.Path;
import java.util.Optional;

/** A new overlay on the snapshot's image. What the machine wrote to until then stays where it is. */
record Reversion(ActiveLayers layers, Overlays overlays, OverlaySpace space, long minimumFree) {
    Plan plan(String disk, Layer image, String label) {
        if (layers.power() != Power.OFF) {
            return refused("the machine is not off, or its memory is saved", "shut it down first");
        }
        Optional<Path> active = layers.defined(disk);
        if (active.isEmpty()) {
            return refused("the machine has no disk %s any more".formatted(disk), "attach it again");
        }
        if (ImageChain.same(active.get(), image.file())) {
            return refused("the machine writes to %s itself".formatted(image.file()), "it holds no moment any more");
        }
        if (ImageChain.of(image) instanceof ImageChain.Broken broken) {
            return refused(broken.reason(), "bring back what is missing");
        }
        if (ImageChain.of(image).layers().size() >= ImageChain.MAX_LAYERS) {
            return refused("its chain is as long as one may be", "delete snapshots first");
        }
        long free = space.free(image.file());
        if (free < minimumFree) {
            return refused(
                    "%d MiB are free, %d MiB are needed".formatted(free >> 20, minimumFree >> 20), "free some space");
        }
        Path overlay = OverlayName.beside(image.file(), label, space.files(image.file()));
        return space.exists(overlay)
                ? refused("%s exists already".formatted(overlay), "try again")
                : new Plan.Ready(new Change(disk, active.get().toString(), overlay.toString(), "qcow2"));
    }

    /** One that an interrupted call began is empty, as nothing names it, and is made anew. */
    Outcome make(Layer image, Change change) {
        Path overlay = Path.of(change.to());
        if (layers.power() != Power.OFF) {
            return new Outcome.Refused("the machine is not off");
        }
        if (layers.defined(change.disk()).equals(Optional.of(overlay))) {
            return new Outcome.AlreadyDone();
        }
        return switch (overlays.remove(overlay, image.file())) {
            case IN_USE -> new Outcome.Refused("QEMU has %s open".formatted(overlay));
            case REMOVED, ABSENT -> overlays.make(overlay, image);
        };
    }

    private static Plan refused(String reason, String hint) {
        return new Plan.Refused(reason, hint);
    }
}
