package io.stillframe.orchestrator.lease;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What QEMU counts of a guest's writes, as evidence: a frozen filesystem writes nothing, and ext4's thaw itself writes
 * the superblock ({@code ext4_unfreeze}). Only a change from standstill to writing says something; a guest that has
 * nothing to write says nothing.
 */
final class WriteWatch {
    /** Shorter than this, an idle guest and a frozen one look alike. */
    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    private final Set<String> disks;
    private Map<String, Long> last = Map.of();
    private long since;
    private boolean stoodStill;

    /** @param disks the disks that count; empty where they are not known: then any one that is written to does */
    WriteWatch(Set<String> disks) {
        this.disks = disks;
    }

    /** Takes a look, at a moment by {@link Timing#nanos}. */
    void look(Map<String, Long> written, long nanos) {
        if (stoodStill) {
            return;
        }
        if (last.isEmpty() || !last.equals(written)) {
            last = written;
            since = nanos;
        } else {
            stoodStill = !written.isEmpty() && nanos - since >= STANDSTILL.toNanos();
        }
    }

    /** Whether nothing was written for a while. */
    boolean stoodStill() {
        return stoodStill;
    }

    /** Whether the disks that stood still are written to by now. */
    boolean moved(Map<String, Long> written) {
        return stoodStill
                && (disks.isEmpty()
                        ? written.keySet().stream().anyMatch(disk -> grew(disk, written))
                        : disks.stream().allMatch(disk -> grew(disk, written)));
    }

    private boolean grew(String disk, Map<String, Long> written) {
        return last.containsKey(disk) && written.getOrDefault(disk, 0L) > last.get(disk);
    }
}
