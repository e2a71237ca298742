package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.lease.FreezeLease;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Presence;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.VolumeSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** All volumes of one machine, each driver with its own, named for one run. */
final class VolumeSet {
    private final List<Part> parts;

    /** A driver and what it will make. */
    record Part(StorageDriver driver, List<VolumeSnapshot> planned) {}

    VolumeSet(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    List<VolumeSnapshot> planned() {
        return parts.stream().flatMap(part -> part.planned().stream()).toList();
    }

    void prepare() {
        each(ErrorCode.PREPARE, StorageDriver::prepare);
    }

    /** Pauses QEMU where the drivers cannot give all volumes one instant by themselves. */
    void quiesce(Domain domain, FreezeLease lease) {
        boolean oneInstant = parts.size() == 1 && parts.get(0).driver().atomic();
        if (!oneInstant) {
            lease.pause(domain);
        }
    }

    void create() {
        each(ErrorCode.SNAPSHOT, StorageDriver::create);
    }

    void update() {
        each(ErrorCode.UPDATE, StorageDriver::update);
    }

    void verify() {
        each(ErrorCode.UPDATE, StorageDriver::verify);
    }

    /** Whether the snapshots are there, asked of every backend. */
    Presence find() {
        List<Presence> found = parts.stream()
                .map(part -> part.driver().find(part.planned()))
                .distinct()
                .toList();
        return found.size() == 1 ? found.get(0) : Presence.PARTIAL;
    }

    /** Rolls back every part, even when one of them cannot be. */
    List<String> discard() {
        List<String> leftovers = new ArrayList<>();
        for (Part part : parts) {
            reason(part.driver().discard(part.planned())).ifPresent(leftovers::add);
        }
        return leftovers;
    }

    /** Makes an effect on part after part and stops at the first that is not there. */
    private void each(ErrorCode code, BiFunction<StorageDriver, List<VolumeSnapshot>, Outcome> effect) {
        for (Part part : parts) {
            reason(effect.apply(part.driver(), part.planned())).ifPresent(reason -> {
                throw new RunFailed(new Problem(code, reason, "mend what the message names, then try again"));
            });
        }
    }

    private static Optional<String> reason(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return Optional.of(refused.reason());
        }
        if (outcome instanceof Outcome.Indeterminate lost) {
            return Optional.of("outcome unknown: " + lost.reason());
        }
        return Optional.empty();
    }
}
