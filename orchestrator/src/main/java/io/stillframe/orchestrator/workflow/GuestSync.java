package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the guest write its dirty data out before the freeze. FIFREEZE blocks writers first and flushes then, and cannot
 * be cut short, so whatever is dirty at that moment lengthens the stall. A guest that refuses costs time in the window
 * and no more; one that cannot write its data out in time would only be stuck for longer in a freeze.
 */
final class GuestSync {
    private static final Logger LOG = LoggerFactory.getLogger(GuestSync.class);
    static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROUNDS = 3;
    private static final long LITTLE_KIB = 4096;
    private static final Pattern DIRTY = Pattern.compile("^Dirty:\\s+(\\d{1,15}) kB$", Pattern.MULTILINE);

    private GuestSync() {}

    /**
     * Has it write, in a few rounds, until little is dirty or nothing more is to be gained.
     *
     * @return false when its disk did not keep up: a freeze would stand still for as long as the rest takes
     */
    static boolean writeOut(GuestAgent agent, Timing timing) {
        long start = timing.nanos();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                agent.exec(List.of("sync"), remaining(timing, start));
                ExecResult meminfo = agent.exec(List.of("cat", "/proc/meminfo"), remaining(timing, start));
                Matcher dirty = DIRTY.matcher(meminfo.stdout());
                if (!dirty.find() || Long.parseLong(dirty.group(1)) <= LITTLE_KIB) {
                    return true;
                }
            }
            return true;
        } catch (GuestException e) {
            LOG.info("the guest could not be synced before the freeze: {}", e.getMessage());
            return !e.failure().effectUnknown();
        }
    }

    /** At least a second, the shortest limit of an agent call. */
    private static Duration remaining(Timing timing, long start) {
        Duration left = LIMIT.minus(timing.since(start));
        return left.compareTo(Duration.ofSeconds(1)) > 0 ? left : Duration.ofSeconds(1);
    }
}
