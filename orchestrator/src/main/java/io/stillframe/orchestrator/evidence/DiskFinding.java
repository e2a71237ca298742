package io.stillframe.orchestrator.evidence;

import io.stillframe.orchestrator.proof.DiskProof;

/** What came of reading one disk of a snapshot. */
public sealed interface DiskFinding {
    /** It was read, as far as it can be. */
    record Examined(DiskProof proof) implements DiskFinding {}

    /** It could not be read: nothing is known of it. */
    record Unread(String reason) implements DiskFinding {}
}
