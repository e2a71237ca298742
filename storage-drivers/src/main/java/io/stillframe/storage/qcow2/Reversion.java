package io.stillframe.storage.qcow2;

import io.stillframe.storage.Change;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.export.Qcow2Header;
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

    /** One that an interrupted call began holds nothing, and is made anew; one that was ever written to stays. */
    Outcome make(Layer image, Change change) {
        Path overlay = Path.of(change.to());
        if (layers.power() != Power.OFF) {
            return new Outcome.Refused("the machine is not off");
        }
        Optional<Path> defined = layers.defined(change.disk());
        if (defined.equals(Optional.of(overlay))) {
            return new Outcome.AlreadyDone();
        }
        if (defined.filter(now -> ImageChain.same(now, Path.of(change.from()))).isEmpty()) {
            return new Outcome.Refused("the definition names neither %s nor %s, but %s"
                    .formatted(
                            change.from(), overlay, defined.map(Path::toString).orElse("nothing")));
        }
        if (space.exists(overlay) && isOfUse(change.disk(), overlay)) {
            return new Outcome.Refused("%s exists already, and is in use or was written to".formatted(overlay));
        }
        return switch (overlays.remove(overlay, image.file())) {
            case IN_USE -> new Outcome.Refused("QEMU has %s open".formatted(overlay));
            case REMOVED, ABSENT -> overlays.make(overlay, image);
        };
    }

    /** An overlay that the machine goes on with stays, and so does one that it has written to. */
    Outcome giveUp(Layer image, Change change) {
        Path overlay = Path.of(change.to());
        if (!space.exists(overlay) || layers.defined(change.disk()).equals(Optional.of(overlay))) {
            return new Outcome.AlreadyDone();
        }
        if (isOfUse(change.disk(), overlay)) {
            return new Outcome.Refused("%s stays: it is in use, or was written to".formatted(overlay));
        }
        return switch (overlays.remove(overlay, image.file())) {
            case IN_USE -> new Outcome.Refused("QEMU has %s open".formatted(overlay));
            case REMOVED -> new Outcome.Done();
            case ABSENT -> new Outcome.AlreadyDone();
        };
    }

    private boolean isOfUse(String disk, Path overlay) {
        Family family = Family.of(disk, overlay, layers, space, Relatives.NONE);
        return family.inChain(overlay)
                || !family.users(overlay).isEmpty()
                || !family.on(overlay).isEmpty()
                || !Qcow2Header.holdsNothing(overlay);
    }

    private static Plan refused(String reason, String hint) {
        return new Plan.Refused(reason, hint);
    }
}
