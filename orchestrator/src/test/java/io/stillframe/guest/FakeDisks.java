package io.stillframe.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The disks of a {@link FakeGuest} and the images below them. Its guest keeps the threads apart. */
final class FakeDisks {
    /** A disk: what the machine runs on, and what its definition names; the active layer first. */
    private record Chain(Disk of, List<Path> running, List<Path> defined) {}

    private final Map<String, Chain> chains = new LinkedHashMap<>();
    private final Set<String> merging = new LinkedHashSet<>();

    void add(Disk disk) {
        List<Path> chain = new ArrayList<>();
        disk.source().map(Path::of).ifPresent(chain::add);
        chains.put(disk.target(), new Chain(disk, chain, new ArrayList<>(chain)));
    }

    List<Path> running(String target) {
        return chains.get(target).running();
    }

    List<Path> defined(String target) {
        return chains.get(target).defined();
    }

    List<Disk> asTheyRun() {
        return chains.values().stream()
                .map(chain -> disk(chain.of(), chain.running()))
                .toList();
    }

    List<Disk> asDefined() {
        return chains.values().stream()
                .map(chain -> disk(chain.of(), chain.defined()))
                .toList();
    }

    void switchTo(List<DiskOverlay> overlays) {
        overlays.forEach(overlay -> {
            running(overlay.target()).add(0, overlay.overlay());
            defined(overlay.target()).add(0, overlay.overlay());
        });
    }

    Optional<BlockJob> job(String target) {
        return merging.contains(target)
                ? Optional.of(new BlockJob(BlockJob.Kind.ACTIVE_COMMIT, 1, 1))
                : Optional.empty();
    }

    void merge(String target) {
        merging.add(target);
    }

    void endMerge(String target, boolean pivot) {
        if (!merging.remove(target)) {
            throw new GuestException(GuestFailure.REJECTED, "no job on " + target);
        }
        if (pivot) {
            running(target).remove(0);
            defined(target).remove(0);
        }
    }

    /** What lies below an image libvirt reads from it at the next start; here it is not known. */
    void redefine(DiskImage image) {
        Chain chain = chains.get(image.target());
        for (List<Path> layers : List.of(chain.running(), chain.defined())) {
            layers.clear();
            layers.add(image.path());
        }
    }

    private static Disk disk(Disk of, List<Path> chain) {
        return new Disk(
                of.target(),
                of.device(),
                of.sourceType(),
                chain.stream().findFirst().map(Path::toString),
                of.format(),
                of.readOnly(),
                of.exclusive(),
                of.cache(),
                chain.stream()
                        .skip(1)
                        .map(layer -> new Disk.Layer(layer.toString(), "qcow2"))
                        .toList());
    }
}
