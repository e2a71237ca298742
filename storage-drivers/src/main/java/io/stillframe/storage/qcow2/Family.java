package io.stillframe.storage.qcow2;

import io.stillframe.storage.Relatives;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The images around those of one disk: which lies on which, and whose they are. What lies on an image is told by the
 * headers of the files beside it, of those that the journal knows, and of those that any machine of this host uses.
 */
final class Family {
    private final List<Path> chain;
    private final List<VolumeSnapshot> snapshots;
    private final List<Path> written;
    private final List<Path> givenUp;
    private final Map<String, List<Path>> others = new LinkedHashMap<>();
    /** What each file lies on. */
    private final Map<Path, Path> below = new LinkedHashMap<>();
    /** What somebody trusted names: files that merely lie beside them are not among these. */
    private final Set<Path> told = new LinkedHashSet<>();

    private Family(List<Path> chain, Relatives relatives) {
        this.chain = chain;
        this.snapshots = relatives.snapshots();
        this.written = relatives.written().stream().map(Path::of).toList();
        this.givenUp = relatives.givenUp().stream().map(Path::of).toList();
    }

    /** @param beside an image in whose directory to look */
    static Family of(String disk, Path beside, ActiveLayers layers, OverlaySpace space, Relatives relatives) {
        List<Layer> defined = layers.definedLayer(disk)
                .map(layer -> ImageChain.of(layer).layers())
                .orElse(List.of());
        List<Path> running = layers.chain(disk);
        Set<Path> chain = new LinkedHashSet<>(running);
        defined.forEach(layer -> chain.add(layer.file()));
        layers.defined(disk).ifPresent(chain::add);
        Family family = new Family(List.copyOf(chain), relatives);
        Formats formats = new Formats();
        defined.forEach(formats::tell);
        // what libvirt has something below cannot be raw
        running.stream().limit(Math.max(0, running.size() - 1)).forEach(formats::isOverlay);
        family.snapshots.forEach(snapshot -> {
            formats.tell(new Layer(Path.of(snapshot.snapshot()), snapshot.format()));
            formats.isOverlay(Path.of(snapshot.active()));
        });
        family.written.forEach(formats::isOverlay);
        Set<Path> known = new LinkedHashSet<>(chain);
        layers.otherUsers(disk).forEach((user, images) -> {
            List<Layer> used = images.stream().flatMap(Family::withBelow).toList();
            used.forEach(formats::tell);
            family.others.put(user, used.stream().map(Layer::file).distinct().toList());
            known.addAll(family.others.get(user));
        });
        family.snapshots.forEach(snapshot -> known.addAll(paths(snapshot)));
        known.addAll(family.written);
        family.told.addAll(known);
        family.told.add(beside);
        Set<Path> here = space.files(beside).stream().map(Family::real).collect(Collectors.toSet());
        Stream.concat(known.stream().map(Family::real), here.stream())
                .distinct()
                .filter(file -> formats.mayBeQcow2(file, here.contains(file)))
                .forEach(file -> family.look(file, here.contains(file)));
        return family;
    }

    /**
     * What somebody trusted calls each file: a definition, the journal, or a header of a chain that one of these leads to.
     * What is raw is a guest's to write: a header in it says nothing.
     */
    private static final class Formats {
        private final Set<Path> qcow2 = new HashSet<>();
        private final Set<Path> raw = new HashSet<>();

        void tell(Layer layer) {
            (layer.isQcow2() ? qcow2 : raw).add(real(layer.file()));
        }

        void isOverlay(Path file) {
            qcow2.add(real(file));
        }

        /** What merely lies beside the images, and nobody calls raw, is looked at: it may lie on one of them. */
        boolean mayBeQcow2(Path file, boolean here) {
            return qcow2.contains(file) || (here && !raw.contains(file));
        }
    }

    /** Elsewhere an image of any machine may be out of reach: that is no reason to leave all of this host's as they are. */
    private void look(Path file, boolean here) {
        try {
            ImageChain.backing(file).ifPresent(backing -> below.put(file, backing));
        } catch (UncheckedIOException e) {
            if (here || inChain(file)) {
                throw e;
            }
        }
    }

    private static Stream<Layer> withBelow(Layer image) {
        try {
            return Stream.concat(Stream.of(image), ImageChain.of(image).layers().stream());
        } catch (UncheckedIOException e) {
            return Stream.of(image);
        }
    }

    /** The files that lie directly on an image. */
    Set<Path> on(Path image) {
        Set<Path> children = new TreeSet<>();
        below.forEach((file, backing) -> {
            if (ImageChain.same(backing, image) && !ImageChain.same(file, image)) {
                children.add(file);
            }
        });
        return children;
    }

    /**
     * Whether the storage of a file that is not there is seen to be there: another image that is known lies in the same
     * folder. An empty mountpoint is no proof that a file was removed.
     */
    boolean isStorageThere(Path file) {
        Path folder = real(file.toAbsolutePath().getParent());
        return told.stream()
                .filter(Files::exists)
                .anyMatch(other -> !ImageChain.same(other, file)
                        && real(other.toAbsolutePath().getParent()).equals(folder));
    }

    /** Whether the machine has it in its chain, running or defined. */
    boolean inChain(Path image) {
        return contains(chain, image);
    }

    /** The machine's other snapshots. */
    List<VolumeSnapshot> snapshots() {
        return snapshots;
    }

    /** The snapshots of the machine that have their content there. */
    List<VolumeSnapshot> snapshotsAt(Path image) {
        return snapshots.stream()
                .filter(snapshot -> ImageChain.same(Path.of(snapshot.snapshot()), image))
                .toList();
    }

    /**
     * The path by which the journal knows a file, for it renames what it has by that, else the one by which libvirt does.
     */
    Path named(Path file) {
        return Stream.of(
                        snapshots.stream()
                                .map(snapshot -> Path.of(snapshot.snapshot()))
                                .toList(),
                        written,
                        chain)
                .flatMap(List::stream)
                .filter(path -> ImageChain.same(path, file))
                .findFirst()
                .orElse(file);
    }

    /** The other machines that use it, and the other disks of this one. */
    List<String> users(Path image) {
        return others.entrySet().stream()
                .filter(machine -> contains(machine.getValue(), image))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** What the machine once wrote to and a revert gave up: ours, and nobody's. */
    boolean isGivenUp(Path image) {
        return OverlayName.isOurs(image)
                && contains(givenUp, image)
                && !inChain(image)
                && snapshotsAt(image).isEmpty()
                && users(image).isEmpty()
                && on(image).isEmpty();
    }

    private static boolean contains(List<Path> paths, Path image) {
        return paths.stream().anyMatch(path -> ImageChain.same(path, image));
    }

    private static List<Path> paths(VolumeSnapshot snapshot) {
        return List.of(Path.of(snapshot.snapshot()), Path.of(snapshot.active()));
    }

    /** One name for each file, however it was reached. */
    private static Path real(Path file) {
        try {
            return Files.exists(file)
                    ? file.toRealPath()
                    : file.toAbsolutePath().normalize();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }
}
