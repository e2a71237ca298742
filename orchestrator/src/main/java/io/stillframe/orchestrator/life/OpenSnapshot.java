package io.stillframe.orchestrator.life;

import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a snapshot readable on this host, and ends that again. Nobody can write through it, and the snapshot stays while
 * it is read.
 *
 * <p>Crash argument: that there is going to be a view is journaled before it is made, so what a process left of one that
 * it could not finish is known, and closing it is what ends a whole one.
 */
public final class OpenSnapshot {
    private final Workplace place;

    public OpenSnapshot(Workplace place) {
        this.place = place;
    }

    /**
     * What came of it.
     *
     * @param paths of every disk a raw image or device, where all of them are open
     * @param problem empty where it was done
     */
    public record Views(Map<String, Path> paths, Optional<Problem> problem) {
        static Views failed(Problem problem) {
            return new Views(Map.of(), Optional.of(problem));
        }
    }

    /** Opens every volume, or none. Open already: the same views. */
    public Views open(Snapshot snapshot) {
        return attempted(snapshot, stored -> {
            Admission.requirePresent(snapshot);
            place.journal().opened(snapshot.run(), place.clock().instant());
            place.journal().force();
            Map<String, Path> paths = new LinkedHashMap<>();
            for (StoredSnapshot.Part part : stored.parts()) {
                View view = open(part);
                if (view instanceof View.Refused refused) {
                    return takeBack(stored, part, refused);
                }
                paths.put(part.volume().disk(), ((View.Opened) view).path());
            }
            return new Views(paths, Optional.empty());
        });
    }

    /** Closes every volume. Not open counts as done. */
    public Views close(Snapshot snapshot) {
        return attempted(snapshot, stored -> {
            List<String> held = closeAll(stored);
            if (!held.isEmpty()) {
                return Views.failed(new Problem(
                        ErrorCode.SNAPSHOT_STATE,
                        "snapshot %s of vm '%s' is still open: %s"
                                .formatted(snapshot.id(), snapshot.vmName(), String.join("; ", held)),
                        "unmount what is mounted of it and end what reads it, then close it again"));
            }
            place.journal().closed(snapshot.run());
            return new Views(Map.of(), Optional.empty());
        });
    }

    private interface Work {
        Views on(StoredSnapshot stored);
    }

    private Views attempted(Snapshot snapshot, Work work) {
        List<Views> done = new ArrayList<>();
        JobResult result = JobResult.attempted(() -> {
            try (StoredSnapshot stored =
                    StoredSnapshot.open(place.machines(), snapshot, place.pace().bytesPerSecond())) {
                done.add(work.on(stored));
                return JobResult.NOTHING_AGAINST;
            }
        });
        return result.problem().map(Views::failed).orElseGet(() -> done.get(0));
    }

    private static View open(StoredSnapshot.Part part) {
        try {
            return part.store().open(part.volume());
        } catch (RuntimeException e) {
            // whatever broke, what was opened before it has to be closed again
            return new View.Refused(String.valueOf(e.getMessage()));
        }
    }

    private Views takeBack(StoredSnapshot stored, StoredSnapshot.Part at, View.Refused refused) {
        Snapshot snapshot = stored.snapshot();
        List<String> held = snapshot.openedAt().isPresent() ? List.of("it was open before") : closeAll(stored);
        if (held.isEmpty()) {
            place.journal().closed(snapshot.run());
        }
        return Views.failed(new Problem(
                ErrorCode.STORAGE,
                "snapshot %s of vm '%s' cannot be opened: %s: %s"
                        .formatted(snapshot.id(), snapshot.vmName(), at.volume().disk(), refused.reason()),
                held.isEmpty()
                        ? "mend what the message names, then try again"
                        : "close it with 'stillframe close %s'".formatted(snapshot.id())));
    }

    private static List<String> closeAll(StoredSnapshot stored) {
        List<String> held = new ArrayList<>();
        for (StoredSnapshot.Part part : stored.parts()) {
            try {
                Outcome outcome = part.store().close(part.volume());
                if (outcome instanceof Outcome.Refused refused) {
                    held.add("%s: %s".formatted(part.volume().disk(), refused.reason()));
                } else if (outcome instanceof Outcome.Indeterminate lost) {
                    held.add("%s: outcome unknown: %s".formatted(part.volume().disk(), lost.reason()));
                }
            } catch (RuntimeException e) {
                // one that cannot be closed must not keep the others open
                held.add("%s: %s".formatted(part.volume().disk(), e.getMessage()));
            }
        }
        return held;
    }
}
