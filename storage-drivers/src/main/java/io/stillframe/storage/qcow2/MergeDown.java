package io.stillframe.storage.qcow2;

import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Overlay;
import io.stillframe.storage.qcow2.ActiveLayers.Power;
import io.stillframe.storage.qcow2.OverlaySpace.Removal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Removes the image of a snapshot by merging into it what lies on it.
 *
 * <p>Crash argument: from the first byte that is merged the lower image is no point in time any more, and is never read
 * but through the upper one, which covers all that was written: the upper one has every cluster that is copied, and stays
 * as it is until nothing names it. So at any moment, whoever dies (we, libvirtd, QEMU, the host), the chain that the
 * machine and its definition name reads the same, and merging again from the beginning is right. The upper image's file
 * goes last, when neither chain, definition nor header names it, the lower one is on the disk, and QEMU's lock on it is
 * free.
 */
final class MergeDown {
    private final ActiveLayers layers;
    private final QemuImg qemuImg;
    private final OverlaySpace space;
    private final RemovalPlan plans;
    private final long bytesPerSecond;

    MergeDown(ActiveLayers layers, QemuImg qemuImg, OverlaySpace space, RemovalPlan plans, long bytesPerSecond) {
        this.layers = layers;
        this.qemuImg = qemuImg;
        this.space = space;
        this.plans = plans;
        this.bytesPerSecond = bytesPerSecond;
    }

    Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
        if (!plans.hasDisk(snapshot.disk())) {
            return new Outcome.Refused("the machine has no disk %s any more".formatted(snapshot.disk()));
        }
        layers.settle(snapshot.disk());
        Path upper = Path.of(change.from());
        Layer lower = new Layer(Path.of(change.to()), change.format());
        if (ImageChain.same(upper, lower.file()) && RemovalPlan.isWrittenTo(layers, snapshot.disk(), lower.file())) {
            return new Outcome.AlreadyDone();
        }
        Family family = plans.family(snapshot, lower.file(), relatives);
        if (ImageChain.same(upper, lower.file()) && !family.snapshotsAt(upper).isEmpty()) {
            return new Outcome.AlreadyDone(); // another one's by now
        }
        if (!space.exists(upper)) {
            return gone(upper, lower.file(), family);
        }
        Optional<Outcome> stop = giveUp(family, lower.file());
        if (stop.isPresent()) {
            return stop.get();
        }
        if (ImageChain.same(upper, lower.file())) {
            return removeLeaf(lower, family);
        }
        Outcome merged = merge(new Overlay(snapshot.disk(), upper, lower.file()), lower, family, meter);
        return merged instanceof Outcome.Done ? begun(finish(snapshot.disk(), upper, lower, family)) : merged;
    }

    /** Whether an earlier call has merged the upper image, so that what it held is the lower one's by now. */
    boolean isMerged(VolumeSnapshot snapshot, Change change, Relatives relatives) {
        Path upper = Path.of(change.from());
        Path lower = Path.of(change.to());
        return !ImageChain.same(upper, lower)
                && !space.exists(upper)
                && space.exists(lower)
                && gone(upper, lower, plans.family(snapshot, lower, relatives)).settled();
    }

    /**
     * An earlier call has removed the upper image, or its storage is not there: that is told by what lies beside it, and by
     * nobody's naming it any more.
     */
    private Outcome gone(Path upper, Path lower, Family family) {
        boolean leaf = ImageChain.same(upper, lower);
        if (!family.isStorageThere(upper) || !(leaf || space.exists(lower))) {
            return new Outcome.Indeterminate("%s is not there, nor is what must lie beside it".formatted(upper));
        }
        return !leaf && (family.inChain(upper) || !family.on(upper).isEmpty())
                ? new Outcome.Indeterminate(
                        "%s is not there, and is named by the machine or %s".formatted(upper, family.on(upper)))
                : new Outcome.AlreadyDone();
    }

    /** What stands in the way once the lower image is no moment any more does not undo that. */
    private static Outcome begun(Outcome outcome) {
        return outcome instanceof Outcome.Refused refused ? new Outcome.Indeterminate(refused.reason()) : outcome;
    }

    /**
     * What a revert left on the lower image, and nobody uses, loses its meaning with it. Nobody misses it where the removal
     * comes to nothing, so it is no beginning of one.
     */
    private Optional<Outcome> giveUp(Family family, Path lower) {
        for (Path left : family.on(lower)) {
            if (family.isGivenUp(left) && space.remove(left) == Removal.IN_USE) {
                return Optional.of(inUse(left));
            }
        }
        return Optional.empty();
    }

    private Outcome removeLeaf(Layer image, Family family) {
        Set<Path> children = RemovalPlan.children(family, image.file());
        if (!children.isEmpty() || !family.users(image.file()).isEmpty()) {
            return new Outcome.Refused(
                    "%s is used by %s %s".formatted(image.file(), children, family.users(image.file())));
        }
        if (plans.leafObstacle(image, family).orElse(null) instanceof Plan.Refused refused) {
            return new Outcome.Refused(refused.reason());
        }
        return removeFile(image.file());
    }

    /** Done as well where an earlier call has merged it. */
    private Outcome merge(Overlay upper, Layer lower, Family family, Meter meter) {
        List<Path> chain = layers.chain(upper.disk());
        Power power = layers.power();
        if (power == Power.ON && contains(chain, upper.file())) {
            if (!RemovalPlan.neighbours(chain, upper.file(), lower.file())) {
                return new Outcome.Refused("%s does not lie on %s any more".formatted(upper.file(), lower.file()));
            }
            Overlay named = asInChain(upper, chain);
            return named.file().equals(chain.get(0))
                    ? layers.mergeActive(named, bytesPerSecond, meter)
                    : layers.mergeLower(named, bytesPerSecond, meter);
        }
        if (!family.inChain(upper.file()) && family.inChain(lower.file())) {
            return new Outcome.Done();
        }
        if (family.inChain(upper.file()) && power != Power.OFF) {
            return new Outcome.Refused(
                    "the machine does not run on what its definition names, or is neither on nor off");
        }
        Optional<Path> foreign = family.on(lower.file()).stream()
                .filter(child ->
                        !OverlayName.isOurs(child) || !family.users(child).isEmpty())
                .findFirst();
        if (foreign.isPresent()) {
            return new Outcome.Refused("%s lies on %s, too, now".formatted(foreign.get(), lower.file()));
        }
        // in no chain and nobody's snapshot it may have been merged while the machine ran, which then wrote to the
        // lower one
        if (!family.inChain(upper.file()) && family.snapshotsAt(upper.file()).isEmpty()) {
            return new Outcome.Refused("no machine names %s, and what is newer, that or %s, nothing tells"
                    .formatted(upper.file(), lower.file()));
        }
        qemuImg.commit(upper.file(), bytesPerSecond, meter);
        return new Outcome.Done();
    }

    /** libvirt finds a layer by the path that it has for it, which may be another than the journal's. */
    private static Overlay asInChain(Overlay layer, List<Path> chain) {
        for (int i = 0; i + 1 < chain.size(); i++) {
            if (ImageChain.same(chain.get(i), layer.file())) {
                return new Overlay(layer.disk(), chain.get(i), chain.get(i + 1));
            }
        }
        return layer;
    }

    /** Everything that still names the upper image is given the lower one, which holds the same; then it goes. */
    private Outcome finish(String disk, Path upper, Layer lower, Family family) {
        space.force(lower.file());
        List<Path> chain = layers.chain(disk);
        for (Path above : family.on(upper)) {
            boolean followed = layers.power() == Power.ON && contains(chain, above);
            if (!followed) {
                qemuImg.rebase(above, lower);
                space.force(above);
            }
        }
        Optional<Outcome> stop = redefine(disk, upper, lower);
        if (stop.isPresent()) {
            return stop.get();
        }
        if (contains(layers.chain(disk), upper)
                || layers.defined(disk)
                        .filter(defined -> ImageChain.same(defined, upper))
                        .isPresent()) {
            return new Outcome.Refused("the machine or its definition still uses %s".formatted(upper));
        }
        return removeFile(upper);
    }

    /** A definition lists what lies below the active image, too, and would be believed. */
    private Optional<Outcome> redefine(String disk, Path upper, Layer lower) {
        if (layers.power() != Power.OFF || !contains(layers.chain(disk), upper)) {
            return Optional.empty();
        }
        Optional<Layer> active = layers.definedLayer(disk);
        if (active.isEmpty()) {
            return Optional.empty();
        }
        Outcome redefined = layers.redefine(disk, ImageChain.same(active.get().file(), upper) ? lower : active.get());
        return redefined instanceof Outcome.Done ? Optional.empty() : Optional.of(redefined);
    }

    private Outcome removeFile(Path file) {
        return switch (space.remove(file)) {
            case REMOVED -> new Outcome.Done();
            case ABSENT -> new Outcome.AlreadyDone();
            case IN_USE -> inUse(file);
        };
    }

    private static Outcome inUse(Path file) {
        return new Outcome.Refused("QEMU has %s open, though libvirt does not say so".formatted(file));
    }

    private static boolean contains(List<Path> paths, Path file) {
        return paths.stream().anyMatch(path -> ImageChain.same(path, file));
    }
}
