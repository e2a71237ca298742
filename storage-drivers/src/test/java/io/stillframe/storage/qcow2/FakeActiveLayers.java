package io.stillframe.storage.qcow2;

import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.export.Layer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A machine's image chains in memory. */
final class FakeActiveLayers implements ActiveLayers {
    final Map<String, List<Path>> chains = new LinkedHashMap<>();
    final Map<String, Path> defined = new LinkedHashMap<>();
    final Set<String> jobs = new TreeSet<>();
    final Map<String, String> formats = new LinkedHashMap<>();
    final Map<String, List<Layer>> others = new LinkedHashMap<>();
    final List<Overlay> merged = new ArrayList<>();
    Power power = Power.ON;
    final List<String> settled = new ArrayList<>();
    /** What the next switch or merge answers instead of doing it. */
    Optional<Outcome> answer = Optional.empty();

    FakeActiveLayers with(String disk, Path image) {
        chains.put(disk, new ArrayList<>(List.of(image)));
        defined.put(disk, image);
        return this;
    }

    @Override
    public boolean isThere() {
        return true;
    }

    @Override
    public List<Path> chain(String disk) {
        return List.copyOf(chains.getOrDefault(disk, List.of()));
    }

    @Override
    public Optional<Path> defined(String disk) {
        return Optional.ofNullable(defined.get(disk));
    }

    @Override
    public boolean hasJob(String disk) {
        return jobs.contains(disk);
    }

    @Override
    public void settle(String disk) {
        settled.add(disk);
    }

    @Override
    public Outcome switchTo(List<Overlay> overlays) {
        return answer.orElseGet(() -> {
            overlays.forEach(overlay -> {
                chains.get(overlay.disk()).add(0, overlay.file());
                defined.put(overlay.disk(), overlay.file());
            });
            return new Outcome.Done();
        });
    }

    @Override
    public Outcome mergeActive(Overlay overlay, long bytesPerSecond, Meter meter) {
        return merge(overlay);
    }

    @Override
    public Outcome mergeLower(Overlay layer, long bytesPerSecond, Meter meter) {
        return merge(layer);
    }

    private Outcome merge(Overlay overlay) {
        merged.add(overlay);
        return answer.orElseGet(() -> {
            List<Path> chain = chains.get(overlay.disk());
            if (chain.get(0).equals(overlay.file())) {
                defined.put(overlay.disk(), overlay.base());
            }
            chain.remove(overlay.file());
            return new Outcome.Done();
        });
    }

    @Override
    public Optional<Layer> definedLayer(String disk) {
        return defined(disk).map(file -> new Layer(file, formats.getOrDefault(disk, "qcow2")));
    }

    @Override
    public Power power() {
        return power;
    }

    @Override
    public Map<String, List<Layer>> otherUsers(String disk) {
        return others;
    }

    @Override
    public Outcome redefine(String disk, Layer image) {
        return answer.orElseGet(() -> {
            chains.put(disk, new ArrayList<>(List.of(image.file())));
            defined.put(disk, image.file());
            formats.put(disk, image.format());
            return new Outcome.Done();
        });
    }
}
