package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.RunVolume;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.VolumeSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

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

    /** As the journal keeps them. */
    List<RunVolume> recorded() {
        return planned().stream().map(Recorded::of).toList();
    }

    /**
     * As an earlier process planned them.
     *
     * @param drivers those of the machine
     * @throws RunFailed when the journal names a driver that this program does not have
     */
    static VolumeSet of(List<RunVolume> recorded, List<StorageDriver> drivers) {
        Map<String, List<VolumeSnapshot>> byDriver = new LinkedHashMap<>();
        recorded.forEach(of ->
                byDriver.computeIfAbsent(of.driver(), any -> new ArrayList<>()).add(Recorded.planned(of)));
        List<Part> parts = new ArrayList<>();
        byDriver.forEach((name, planned) -> parts.add(new Part(named(name, drivers), planned)));
        return new VolumeSet(parts);
    }

    private static StorageDriver named(String name, List<StorageDriver> drivers) {
        return drivers.stream()
                .filter(driver -> driver.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new RunFailed(new Problem(
                        ErrorCode.ROLL_BACK,
                        "the run used a storage driver '%s', which this program does not have".formatted(name),
                        "use the program that took the run")));
    }

    void prepare() {
        each(ErrorCode.PREPARE, StorageDriver::prepare);
    }

    /** Whether QEMU has to be paused around the snapshot: for one instant of all volumes, or for one volume's sake. */
    boolean needPause() {
        boolean oneInstant =
                parts.size() == 1 && parts.get(0).driver().atomic(parts.get(0).planned());
        return !oneInstant || planned().stream().anyMatch(of -> of.quiesce() == Quiesce.PAUSE);
    }

    void quiesce() {
        each(ErrorCode.SNAPSHOT, StorageDriver::quiesce);
    }

    /**
     * What stood between the guest's filesystems and the snapshot.
     *
     * @param paused whether QEMU was paused, for one of the volumes or for all
     */
    Evidence quiesced(boolean paused) {
        String each = planned().stream()
                .map(of -> "%s (%s) %s".formatted(of.disk(), of.driver(), word(of.quiesce())))
                .collect(Collectors.joining(", "));
        return new Evidence("quiesce", true, "QEMU %s; %s".formatted(paused ? "paused" : "not paused", each));
    }

    private static String word(Quiesce quiesce) {
        return switch (quiesce) {
            case NOTHING -> "needs nothing";
            case SYNC -> "synced";
            case PAUSE -> "needs the pause";
        };
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

    /** Lets the machine's disks go on where a command that was killed holds them back. */
    Outcome resume() {
        return parts.stream()
                .map(part -> attempted(part, StorageDriver::resume))
                .reduce(new Outcome.AlreadyDone(), Outcome::and);
    }

    /** Rolls back every part, even when one of them cannot be. */
    List<String> discard() {
        List<String> leftovers = new ArrayList<>();
        for (Part part : parts) {
            reason(attempted(part, StorageDriver::discard)).ifPresent(leftovers::add);
        }
        return leftovers;
    }

    /** A part whose storage does not answer keeps no other waiting. */
    private static Outcome attempted(Part part, BiFunction<StorageDriver, List<VolumeSnapshot>, Outcome> effect) {
        try {
            return effect.apply(part.driver(), part.planned());
        } catch (RuntimeException e) {
            return new Outcome.Indeterminate("%s: %s".formatted(part.driver().name(), e.getMessage()));
        }
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
