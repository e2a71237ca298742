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

    /** Leaves the guest to a sentinel that outlives this process, and says who goes on; made again it changes nothing. */
    String goOn();

    /** What an unconfirmed thaw means; somebody goes on with it. */
    default Problem overdue(Thaw thaw) {
        return new Problem(
                ErrorCode.THAW,
                "thaw not confirmed for vm '%s': guest may still be frozen (%s); %s"
                        .formatted(name(), thaw.how(), goOn()),
                "run 'stillframe thaw %s'; what the run made is kept until 'stillframe reconcile'".formatted(name()));
    }
}
