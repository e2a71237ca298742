package io.stillframe.orchestrator.policy;

import io.stillframe.config.Policy;
import java.time.Instant;
import java.util.SplittableRandom;

/** How long a run is put off, so that not all begin at the same moment. */
public final class Jitter {
    private Jitter() {}

    /** When the run of a policy that is due then begins: the same every time it is asked, by whomever. */
    public static Instant begin(Policy policy, Instant due) {
        long most = policy.timetable().jitter().toMillis();
        long seed = policy.name().hashCode() * 31L + due.getEpochSecond();
        return due.plusMillis(new SplittableRandom(seed).nextLong(most + 1));
    }
}
