package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What an operator or a policy asks of a snapshot.
 *
 * @param required the least consistency that will do; empty leaves it to the default for the machine's state
 * @param standard the default for a machine that runs
 * @param excluded disks to leave out, by their target name
 * @param freezeLimit the longest that the guest may be held
 * @param thawLimit how long a release goes on trying before the thaw is called overdue
 * @param policy the policy that asks; empty where a person does
 */
public record SnapshotOptions(
        Optional<Consistency> required,
        Consistency standard,
        Set<String> excluded,
        Duration freezeLimit,
        Duration thawLimit,
        Optional<String> policy) {
    /** Asked for by a person. */
    public SnapshotOptions(
            Optional<Consistency> required,
            Consistency standard,
            Set<String> excluded,
            Duration freezeLimit,
            Duration thawLimit) {
        this(required, standard, excluded, freezeLimit, thawLimit, Optional.empty());
    }

    public SnapshotOptions {
        excluded = Set.copyOf(excluded);
    }

    /** What a running machine's snapshot has to be. */
    Consistency requiredWhileRunning() {
        return required.orElse(standard);
    }
}
