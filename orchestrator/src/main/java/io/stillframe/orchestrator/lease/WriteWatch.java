package io.stillframe.orchestrator.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What QEMU counts of a guest's writes, as evidence: a frozen filesystem writes nothing, and ext4's thaw itself writes
 * the superblock ({@code ext4_unfreeze}). Only a change from standstill to writing says something; a guest that has
 * nothing to write says nothing, and neither does a disk that no freeze holds.
 */
final class WriteWatch {
    /** Shorter than this, an idle guest and a frozen one look alike. */
    static final Duration STANDSTILL = Duration.ofSeconds(2);

    private final Set<String> disks;
    private Map<String, Long> last = Map.of();
    private long since;
    private boolean stoodStill;

    /** @param disks those with filesystems that a freeze holds; where none is known nothing says anything */
    WriteWatch(Set<String> disks) {
        this.disks = disks;
    }

    /** Takes a look, at a moment by {@link Timing#nanos}. */
    void look(Map<String, Long> written, long nanos) {
        if (stoodStill) {
            return;
        }
        Map<String, Long> held = new HashMap<>(written);
        held.keySet().retainAll(disks);
        if (last.isEmpty() || !last.equals(held)) {
            last = held;
            since = nanos;
        } else {
            stoodStill = nanos - since >= STANDSTILL.toNanos();
        }
    }

    /** Whether nothing was written for a while. */
    boolean stoodStill() {
        return stoodStill;
    }

    /** Whether the disks that stood still are written to by now. */
    boolean moved(Map<String, Long> written) {
        return stoodStill && disks.stream().allMatch(disk -> grew(disk, written));
    }

    private boolean grew(String disk, Map<String, Long> written) {
        return last.containsKey(disk) && written.getOrDefault(disk, 0L) > last.get(disk);
    }
}
