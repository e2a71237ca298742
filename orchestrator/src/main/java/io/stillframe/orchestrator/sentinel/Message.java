package io.stillframe.orchestrator.sentinel;

import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import java.util.Optional;
import java.util.UUID;

/** What the holder and the sentinel say to each other: one JSON document to a line, each request answered once. */
sealed interface Message {
    /** A request of the holder. */
    record Request(long id, Verb verb, UUID vm, Optional<Lease> lease) implements Message {}

    /**
     * The answer to the request of that id.
     *
     * @param error why it was refused; empty when it was done
     * @param guarded whether it was refused because the guest has a sentinel already
     * @param thaw what the sentinel did for the guest, if anything
     */
    record Reply(long id, Optional<String> error, boolean guarded, Optional<Thaw> thaw) implements Message {}

    /** What can be asked. */
    enum Verb {
        ARM,
        ASK,
        DISARM
    }
}
