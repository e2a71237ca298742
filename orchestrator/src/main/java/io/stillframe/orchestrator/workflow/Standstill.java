package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.evidence.Testimony;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether anything was written between the freeze and the snapshot, by QEMU's own count, which no guest can sway. Asked only
 * where a filesystem's disk may not tell by itself that it was at rest, for it takes two calls of a frozen guest's time.
 */
final class Standstill {
    private final List<Filesystem> watched;
    /** The disks that have to be counted, of those that the snapshot has. */
    private final Set<String> disks;

    private Map<String, Long> before = Map.of();
    private Map<String, Long> after = Map.of();
    private Optional<String> failure = Optional.empty();

    /**
     * Counts nothing yet.
     *
     * @param watched may lie on any disk, where it is not known on which
     * @param taken the snapshot's disks
     */
    Standstill(List<Filesystem> watched, Set<String> taken) {
        this.watched = watched;
        this.disks = new HashSet<>(taken);
        if (watched.stream().noneMatch(of -> of.disks().isEmpty())) {
            disks.retainAll(watched.stream().flatMap(of -> of.disks().stream()).toList());
        }
    }

    void begin(Domain domain) {
        before = count(domain);
    }

    void end(Domain domain) {
        after = count(domain);
    }

    /**
     * The check, where anything had to be watched and nothing was written. Otherwise it is only told: whether a filesystem
     * needs it is known once its disk was looked at, and what else lies on that disk may have been written to.
     */
    List<Evidence> evidence() {
        if (watched.isEmpty()) {
            return List.of();
        }
        // not every disk's writes are counted by QEMU, and where they are not nothing is known of it
        if (failure.isPresent() || before.isEmpty() || !before.keySet().containsAll(disks)) {
            String why = failure.map(reason -> ": " + reason).orElse("");
            return List.of(new Evidence("writes", true, "what is written could not be counted" + why));
        }
        return List.of(new Evidence(
                before.equals(after) ? Testimony.STANDSTILL : "writes",
                true,
                "bytes written before and after: %s, %s".formatted(before, after)));
    }

    private Map<String, Long> count(Domain domain) {
        if (watched.isEmpty()) {
            return Map.of();
        }
        try {
            Map<String, Long> written = new TreeMap<>(domain.written());
            written.keySet().retainAll(disks);
            return written;
        } catch (GuestException e) {
            // it costs the class, not the run
            failure = Optional.of(String.valueOf(e.getMessage()));
            return Map.of();
        }
    }
}
