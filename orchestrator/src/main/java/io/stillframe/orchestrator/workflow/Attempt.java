package io.stillframe.orchestrator.workflow;

import io.stillframe.orchestrator.lease.Thaw;
import java.util.List;
import java.util.Optional;

/** A run that has something of its machine in its hands, as whoever ends it must know it. */
interface Attempt {
    /** The machine's name. */
    String name();

    /** What the release brought; empty where nothing was held. */
    Optional<Thaw> thaw();

    /** Rolls back what was made of the volumes; what could not be is returned, in words. */
    List<String> discard();

    /** The end of a run that failed, with what is known of its freeze. */
    Ending failed(Problem problem);

    /** What an unconfirmed thaw means. */
    default Problem overdue(Thaw thaw) {
        return new Problem(
                ErrorCode.THAW,
                "thaw not confirmed for vm '%s': guest may still be frozen (%s); the sentinel goes on trying"
                        .formatted(name(), thaw.how()),
                "run 'stillframe thaw %s'; what the run made is kept until 'stillframe reconcile'".formatted(name()));
    }
}
