package io.stillframe.orchestrator.life;

import io.stillframe.storage.Demand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the volumes of one job take together of each place: each alone may have room there. */
final class Demands {
    /** By what takes it. */
    private final Map<String, Map<String, Demand>> byPlace = new LinkedHashMap<>();

    void add(Demand demand) {
        byPlace.computeIfAbsent(demand.where(), any -> new LinkedHashMap<>())
                .merge(demand.what(), demand, (one, other) -> one.bytes() >= other.bytes() ? one : other);
    }

    /** Where there is too little; empty where there is room for all. */
    Optional<String> shortage() {
        return byPlace.entrySet().stream()
                .flatMap(place -> shortage(place.getKey(), place.getValue()).stream())
                .findFirst();
    }

    private static Optional<String> shortage(String where, Map<String, Demand> demands) {
        long needed = demands.values().stream().mapToLong(Demand::bytes).sum();
        // they were asked for one after the other, and each gave what it knew
        long available =
                demands.values().stream().mapToLong(Demand::available).min().orElse(0);
        return needed <= available
                ? Optional.empty()
                : Optional.of("all its disks together may take %d MiB of %s, %d MiB may be taken there"
                        .formatted(needed >> 20, where, Math.max(0, available) >> 20));
    }
}
