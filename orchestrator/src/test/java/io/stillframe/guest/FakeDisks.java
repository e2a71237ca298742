package io.stillframe.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The disks of a {@link FakeGuest} and the images below them. Its guest keeps the threads apart. */
final class FakeDisks {
    /** A disk: what the machine runs on, and what its definition names; the active layer first. */
    private record Chain(Disk of, List<Path> running, List<Path> defined) {}

    private final Map<String, Chain> chains = new LinkedHashMap<>();
    /** The layer of each disk that is being merged. */
    private final Map<String, Path> merging = new LinkedHashMap<>();

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

    /** A job on the active layer waits for its end; one below it is over as soon as somebody has seen it. */
    Optional<BlockJob> job(String target) {
        Path layer = merging.get(target);
        if (layer == null) {
            return Optional.empty();
        }
        if (running(target).get(0).equals(layer)) {
            return Optional.of(new BlockJob(BlockJob.Kind.ACTIVE_COMMIT, 1, 1));
        }
        merging.remove(target);
        running(target).remove(layer);
        defined(target).remove(layer);
        return Optional.of(new BlockJob(BlockJob.Kind.COMMIT, 1, 2));
    }

    void merge(String target, Path layer) {
        if (merging.putIfAbsent(target, layer) != null) {
            throw new GuestException(GuestFailure.LOCKED, "a job runs on " + target);
        }
    }

    /** Its jobs end with QEMU. */
    void powerOff() {
        merging.clear();
    }

    void endMerge(String target, boolean pivot) {
        if (merging.remove(target) == null) {
            throw new GuestException(GuestFailure.REJECTED, "no job on " + target);
        }
        if (pivot) {
            running(target).remove(0);
            defined(target).remove(0);
        }
    }

    void redefine(List<DiskImage> images) {
        for (DiskImage image : images) {
            if (!chains.containsKey(image.target())) {
                throw new GuestException(GuestFailure.UNSUPPORTED, "no disk " + image.target());
            }
            for (List<Path> chain : List.of(running(image.target()), defined(image.target()))) {
                chain.clear();
                chain.add(image.path());
            }
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
