package io.stillframe.storage.qcow2;

import io.stillframe.storage.Outcome;
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
    final List<String> settled = new ArrayList<>();
    /** What the next switch or merge answers instead of doing it. */
    Optional<Outcome> answer = Optional.empty();

    FakeActiveLayers with(String disk, Path image) {
        chains.put(disk, new ArrayList<>(List.of(image)));
        defined.put(disk, image);
        return this;
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
    public Outcome mergeActive(Overlay overlay) {
        return answer.orElseGet(() -> {
            chains.get(overlay.disk()).remove(0);
            defined.put(overlay.disk(), overlay.base());
            return new Outcome.Done();
        });
    }
}
