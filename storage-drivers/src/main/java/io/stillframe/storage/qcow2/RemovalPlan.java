package io.stillframe.storage.qcow2;

import io.stillframe.storage.Change;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Power;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the image of a snapshot can go: what lies on it is merged into it, and takes its place; where nothing does, it is
 * removed. What a revert gave up goes with it.
 */
record RemovalPlan(ActiveLayers layers, OverlaySpace space, MergeRoom room, Views views) {
    private static final String BY_HAND = "see to it by hand: 'qemu-img info --backing-chain' tells what lies on what";

    Plan of(VolumeSnapshot snapshot, Layer image, Relatives relatives) {
        if (!hasDisk(snapshot.disk())) {
            return new Plan.Refused(
                    "the machine has no disk %s: what it would write to when that is back cannot be told"
                            .formatted(snapshot.disk()),
                    "attach the disk again, under this name");
        }
        if (isWrittenTo(layers, snapshot.disk(), image.file())) {
            return ready(snapshot, image.file(), image);
        }
        Family family = family(snapshot, image.file(), relatives);
        if (!family.snapshotsAt(image.file()).isEmpty()) {
            return ready(snapshot, image.file(), image); // a removal that was given up has made it another one's
        }
        if (!space.exists(image.file())) {
            return family.isStorageThere(image.file())
                    ? ready(snapshot, image.file(), image)
                    : new Plan.Refused(
                            "%s is not there, nor is anything else that is known in its folder".formatted(image.file()),
                            "see to it that its storage is mounted, then try again");
        }
        Set<Path> children = children(family, image.file());
        for (Path top : children.isEmpty() ? Set.of(image.file()) : children) {
            Optional<Path> external =
                    ImageChain.withExternalData(top.equals(image.file()) ? image : new Layer(top, "qcow2"));
            if (external.isPresent()) {
                return new Plan.Refused("%s keeps its data in another file".formatted(external.get()), BY_HAND);
            }
        }
        Optional<Plan> obstacle = children.size() > 1
                ? Optional.of(branches(image, children))
                : obstacle(snapshot, image, family)
                        .or(() -> children.isEmpty()
                                ? leafObstacle(image, family)
                                : mergeObstacle(
                                        snapshot, image, children.iterator().next(), family));
        return obstacle.orElseGet(() -> ready(
                snapshot,
                children.isEmpty() ? image.file() : children.iterator().next(),
                image));
    }

    /**
     * Without it nothing tells which of the images beside a snapshot's the machine will go on with. One that is no more goes on
     * with none.
     */
    boolean hasDisk(String disk) {
        return !layers.chain(disk).isEmpty() || layers.defined(disk).isPresent() || !layers.isThere();
    }

    /** Whether the machine writes to an image, or will: then it holds no moment, and there is nothing to remove. */
    static boolean isWrittenTo(ActiveLayers layers, String disk, Path image) {
        return Stream.concat(layers.chain(disk).stream().limit(1), layers.defined(disk).stream())
                .anyMatch(active -> ImageChain.same(active, image));
    }

    Family family(VolumeSnapshot snapshot, Path image, Relatives relatives) {
        return Family.of(snapshot.disk(), image, layers, space, relatives);
    }

    /** What lies on an image and is of use to somebody. */
    static Set<Path> children(Family family, Path image) {
        return family.on(image).stream()
                .filter(child -> !family.isGivenUp(child))
                .map(family::named)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Optional<Plan> obstacle(VolumeSnapshot snapshot, Layer image, Family family) {
        if (views.isOpen(snapshot)) {
            return refused("it is open for reading", "close it first");
        }
        Optional<VolumeSnapshot> reader = family.snapshots().stream()
                .filter(other -> liesOn(other, image.file()) && views.isOpen(other))
                .findFirst();
        if (reader.isPresent()) {
            return refused(
                    "snapshot %s, which is read through %s, is open".formatted(views.name(reader.get()), image.file()),
                    "close it first");
        }
        List<String> users = family.users(image.file());
        return users.isEmpty()
                ? Optional.empty()
                : refused("%s is used by %s".formatted(image.file(), String.join(", ", users)), BY_HAND);
    }

    private static boolean liesOn(VolumeSnapshot snapshot, Path image) {
        return ImageChain.of(new Layer(Path.of(snapshot.snapshot()), snapshot.format())).layers().stream()
                .anyMatch(layer -> ImageChain.same(layer.file(), image));
    }

    Optional<Plan> leafObstacle(Layer image, Family family) {
        if (family.inChain(image.file())) {
            return refused("the machine itself writes to %s".formatted(image.file()), BY_HAND);
        }
        if (!OverlayName.isOurs(image.file())) {
            return refused(
                    "%s was not made by Stillframe, which removes only what it has made".formatted(image.file()),
                    "remove it by hand if nobody needs it");
        }
        return Optional.empty();
    }

    private Optional<Plan> mergeObstacle(VolumeSnapshot snapshot, Layer image, Path upper, Family family) {
        boolean used = family.inChain(upper);
        List<String> users = family.users(upper);
        if (!OverlayName.isOurs(upper)
                || !users.isEmpty()
                || !(used || family.snapshotsAt(upper).size() == 1)) {
            return refused(
                    "%s lies on it, which is no snapshot of this machine%s"
                            .formatted(upper, users.isEmpty() ? "" : " and is used by " + String.join(", ", users)),
                    layers.isThere() || !users.isEmpty()
                            ? "merge or remove that first"
                            : "it may be all that is left of what the machine had last: remove it by hand if nobody needs it");
        }
        return foreignAbove(upper, family)
                .or(() -> used ? powerObstacle(snapshot) : Optional.empty())
                .or(() -> room.obstacle(new Layer(upper, "qcow2"), image)
                        .flatMap(reason -> refused(reason, "make room, or see to it by hand")));
    }

    /** What lies on the upper image is given the lower one instead. */
    private static Optional<Plan> foreignAbove(Path upper, Family family) {
        String foreign = family.on(upper).stream()
                .filter(file -> !family.inChain(file))
                .filter(file -> !OverlayName.isOurs(file) || !family.users(file).isEmpty())
                .map(Path::toString)
                .collect(Collectors.joining(", "));
        return foreign.isEmpty()
                ? Optional.empty()
                : refused(
                        "%s lies on %s, which would be merged".formatted(foreign, upper), "merge or remove that first");
    }

    private Optional<Plan> powerObstacle(VolumeSnapshot snapshot) {
        Power power = layers.power();
        if (power == Power.UNCLEAR) {
            return refused(
                    "the machine is neither on nor off, or its memory is saved",
                    "start it, or shut it down ('virsh managedsave-remove' drops saved memory)");
        }
        if (power == Power.ON && layers.hasJob(snapshot.disk())) {
            return refused(
                    "a block job runs on " + snapshot.disk(),
                    "wait for its end, or see 'virsh blockjob' for what it is");
        }
        List<Path> chain = layers.chain(snapshot.disk());
        if (power == Power.ON
                && !layers.defined(snapshot.disk()).equals(chain.stream().findFirst())) {
            return refused(
                    "the machine runs on another image than its definition names",
                    "bring the definition in line with the running machine (virsh edit), or restart the machine");
        }
        return Optional.empty();
    }

    private static Plan branches(Layer image, Set<Path> children) {
        String names = children.stream().map(Path::toString).collect(Collectors.joining(", "));
        return new Plan.Refused(
                "%d images lie on %s: %s".formatted(children.size(), image.file(), names),
                "delete the snapshots of the branches that are not needed first");
    }

    private static Plan ready(VolumeSnapshot snapshot, Path from, Layer to) {
        return new Plan.Ready(
                new Change(snapshot.disk(), from.toString(), to.file().toString(), to.format()));
    }

    private static Optional<Plan> refused(String reason, String hint) {
        return Optional.of(new Plan.Refused(reason, hint));
    }

    /** Whether two paths of a chain follow one another. */
    static boolean neighbours(List<Path> chain, Path upper, Path lower) {
        for (int i = 0; i + 1 < chain.size(); i++) {
            if (ImageChain.same(chain.get(i), upper)) {
                return ImageChain.same(chain.get(i + 1), lower);
            }
        }
        return false;
    }
}
