package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.orchestrator.lease.Thaw;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What is different where the agent has Windows' Volume Shadow Copy Service freeze the guest. VSS holds writes back for 10 s
 * and lets go by itself; the agent goes on saying frozen, and only the answer to the thaw tells ({@code requester_thaw} in
 * QEMU's qga/vss-win32/requester.cpp). Not even that does on Windows 7 and Server 2008 R2 without the hotfix of Microsoft's
 * KB 975688, so the time is taken here as well, from before the command was sent.
 *
 * @param volumes what the agent is told to freeze, by their GUID paths; empty where it takes every fixed drive that it finds
 */
record Vss(List<String> volumes) {
    /** The longest that VSS holds writes back ({@code VSS_E_HOLD_WRITES_TIMEOUT}). */
    static final Duration HOLD = Duration.ofSeconds(10);

    /** By the names that Windows gives them. What VSS makes of FAT and of discs is not known here, and not relied on. */
    private static final Set<String> HELD = Set.of("NTFS", "ReFS");

    static boolean holds(String type) {
        return HELD.contains(type);
    }

    /** Whether only Windows calls a volume so, where the agent does not tell what it runs on. */
    static boolean names(GuestFilesystem filesystem) {
        return filesystem.device().startsWith("\\\\?\\Volume{");
    }

    /** What of such a guest is looked at, and what is not. */
    Evidence looksAt() {
        return new Evidence(
                "windows",
                true,
                "frozen by VSS; looked at: counts, the thaw's answer, 10 s by this host's clock, writes in between, NTFS's "
                        + "dirty flag; not looked at: what the applications (VSS writers) made of it, NTFS's log, ReFS");
    }

    /** Whether VSS held writes back until the thaw. */
    Evidence held(Thaw thaw, int frozen) {
        boolean answered = thaw.by() == Thaw.Means.AGENT && thaw.attempts() == 1 && thaw.filesystems() == frozen;
        boolean inTime = thaw.window().compareTo(HOLD) < 0;
        String after =
                "the thaw was answered after %d ms".formatted(thaw.window().toMillis());
        String detail;
        if (!inTime) {
            detail = "VSS holds writes for %d ms and lets go by itself; %s: %s"
                    .formatted(HOLD.toMillis(), after, thaw.how());
        } else if (!answered) {
            detail = "VSS is not known to have held writes until the thaw: " + thaw.how();
        } else {
            detail = "VSS held writes until the thaw: %s, without an error".formatted(after);
        }
        return new Evidence("vss-hold", answered && inTime, detail);
    }
}
