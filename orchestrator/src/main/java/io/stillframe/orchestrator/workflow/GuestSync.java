package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the guest write its dirty data out before the freeze. FIFREEZE blocks writers first and flushes then, and cannot
 * be cut short, so whatever is dirty at that moment lengthens the stall. This is a courtesy: whatever goes wrong here
 * costs time in the window, never the run.
 */
final class GuestSync {
    private static final Logger LOG = LoggerFactory.getLogger(GuestSync.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROUNDS = 3;
    private static final long LITTLE_KIB = 4096;
    private static final Pattern DIRTY = Pattern.compile("^Dirty:\\s+(\\d{1,15}) kB$", Pattern.MULTILINE);

    private GuestSync() {}

    static void untilLittleIsDirty(GuestAgent agent) {
        try {
            for (int round = 0; round < ROUNDS; round++) {
                agent.exec(List.of("sync"), LIMIT);
                ExecResult meminfo = agent.exec(List.of("cat", "/proc/meminfo"), LIMIT);
                Matcher dirty = DIRTY.matcher(meminfo.stdout());
                if (!dirty.find() || Long.parseLong(dirty.group(1)) <= LITTLE_KIB) {
                    return;
                }
            }
        } catch (GuestException e) {
            LOG.info("the guest could not be synced before the freeze: {}", e.getMessage());
        }
    }
}
