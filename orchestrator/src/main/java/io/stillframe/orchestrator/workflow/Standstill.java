package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.evidence.Testimony;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether anything was written between the freeze and the snapshot, by QEMU's own count, which no guest can sway. Asked only
 * where a filesystem's disk may not tell by itself that it was at rest, for it takes two calls of a frozen guest's time.
 */
final class Standstill {
    private final List<Filesystem> watched;
    private Map<String, Long> before = Map.of();
    private Map<String, Long> after = Map.of();
    private Optional<String> failure = Optional.empty();

    Standstill(List<Filesystem> watched) {
        this.watched = watched;
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
        if (failure.isPresent() || before.isEmpty()) {
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
            Set<String> disks =
                    watched.stream().flatMap(of -> of.disks().stream()).collect(Collectors.toSet());
            if (watched.stream().noneMatch(of -> of.disks().isEmpty())) {
                written.keySet().retainAll(disks);
            }
            return written;
        } catch (GuestException e) {
            // it costs the class, not the run
            failure = Optional.of(String.valueOf(e.getMessage()));
            return Map.of();
        }
    }
}
