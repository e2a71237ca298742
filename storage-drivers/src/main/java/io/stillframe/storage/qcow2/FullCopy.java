package io.stillframe.storage.qcow2;

import io.stillframe.storage.Change;
import io.stillframe.storage.Demand;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.OverlaySpace.Removal;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A snapshot's image with all that lies below it, as one independent file beside it.
 *
 * <p>It is written under another name and given its own when it is complete and on the disk: whatever bears the name can
 * be used, and what an interrupted call left is begun anew.
 */
record FullCopy(ActiveLayers layers, QemuImg qemuImg, OverlaySpace space, long minimumFree) {
    private static final String UNFINISHED = ".part";

    Plan plan(String disk, Layer image, String label) {
        ImageChain chain = ImageChain.of(image);
        if (chain instanceof ImageChain.Broken broken) {
            return new Plan.Refused(broken.reason(), "bring back what is missing");
        }
        long needed = needed(image, chain);
        Optional<String> obstacle = noRoom(image, needed);
        if (obstacle.isPresent()) {
            return new Plan.Refused(
                    obstacle.get(), "make room in %s".formatted(image.file().getParent()));
        }
        Path copy = OverlayName.copy(image, label, space.files(image.file()));
        return space.exists(copy) || space.exists(unfinished(copy))
                ? new Plan.Refused("%s exists already".formatted(copy), "try again")
                : new Plan.Ready(
                        new Change(disk, image.file().toString(), copy.toString(), image.format()),
                        Optional.of(new Demand(
                                copy.toString(),
                                needed,
                                space.where(image.file()),
                                space.free(image.file()) - minimumFree)));
    }

    Outcome make(Layer image, Change change, Meter meter) {
        Layer copy = new Layer(Path.of(change.to()), change.format());
        Path unfinished = unfinished(copy.file());
        if (space.exists(copy.file())) {
            space.remove(unfinished);
            return new Outcome.AlreadyDone();
        }
        ImageChain chain = ImageChain.of(image);
        if (chain instanceof ImageChain.Broken broken) {
            return new Outcome.Refused(broken.reason());
        }
        if (space.remove(unfinished) == Removal.IN_USE) {
            return new Outcome.Indeterminate("an earlier copy is still being written to %s".formatted(unfinished));
        }
        // the copies before this one have taken their part of what there was when all of them were planned
        Optional<String> obstacle = noRoom(image, needed(image, chain));
        if (obstacle.isPresent()) {
            return new Outcome.Refused(obstacle.get());
        }
        if (!space.claim(unfinished)) {
            return new Outcome.Refused("%s exists already".formatted(unfinished));
        }
        qemuImg.convert(image, new Layer(unfinished, copy.format()), space.readsDirectly(image.file()), meter);
        space.guardLike(image.file(), unfinished);
        space.force(unfinished);
        return space.publish(unfinished, copy.file())
                ? new Outcome.Done()
                : new Outcome.Refused("%s exists already".formatted(copy.file()));
    }

    private long needed(Layer image, ImageChain chain) {
        return chain.layers().stream().anyMatch(Layer::isBlockDevice)
                ? MergeRoom.virtualSize(image) // a device takes no space of a file system
                : Math.min(
                        chain.layers().stream().mapToLong(qemuImg::actualSize).sum(), MergeRoom.virtualSize(image));
    }

    private Optional<String> noRoom(Layer image, long needed) {
        long free = space.free(image.file());
        return free - needed < minimumFree
                ? Optional.of("the copy may take %d MiB while %d MiB are free, and %d MiB must stay free"
                        .formatted(needed >> 20, free >> 20, minimumFree >> 20))
                : Optional.empty();
    }

    Outcome remove(Change change) {
        Path copy = Path.of(change.to());
        Family family = Family.of(change.disk(), copy, layers, space, Relatives.NONE);
        if (!family.users(copy).isEmpty()
                || family.inChain(copy)
                || !family.on(copy).isEmpty()) {
            return new Outcome.Refused("%s is used by %s %s".formatted(copy, family.users(copy), family.on(copy)));
        }
        boolean removed = false;
        for (Path file : new Path[] {unfinished(copy), copy}) {
            Removal removal = space.remove(file);
            if (removal == Removal.IN_USE) {
                return new Outcome.Refused("QEMU has %s open".formatted(file));
            }
            removed |= removal == Removal.REMOVED;
        }
        if (removed) {
            return new Outcome.Done();
        }
        return space.exists(Path.of(change.from())) || family.isStorageThere(copy)
                ? new Outcome.AlreadyDone()
                : new Outcome.Indeterminate(
                        "nothing is in %s: its storage may not be there".formatted(copy.getParent()));
    }

    /** No longer than the name itself, which may be as long as one can be. */
    private static Path unfinished(Path copy) {
        String name = copy.getFileName().toString();
        return copy.resolveSibling(name.substring(0, name.lastIndexOf('.')) + UNFINISHED);
    }
}
