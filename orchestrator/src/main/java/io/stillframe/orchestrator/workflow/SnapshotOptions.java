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
 * @param grouped whether it has to be of one instant with other machines' snapshots
 */
public record SnapshotOptions(
        Optional<Consistency> required,
        Consistency standard,
        Set<String> excluded,
        Duration freezeLimit,
        Duration thawLimit,
        Optional<String> policy,
        boolean grouped) {
    /** Asked for by a person. */
    public SnapshotOptions(
            Optional<Consistency> required,
            Consistency standard,
            Set<String> excluded,
            Duration freezeLimit,
            Duration thawLimit) {
        this(required, standard, excluded, freezeLimit, thawLimit, Optional.empty(), false);
    }

    public SnapshotOptions {
        excluded = Set.copyOf(excluded);
    }

    /** The same for a member of a group. */
    public SnapshotOptions inGroup() {
        return new SnapshotOptions(required, standard, excluded, freezeLimit, thawLimit, policy, true);
    }

    /** What a running machine's snapshot has to be. */
    Consistency requiredWhileRunning() {
        return required.orElse(standard);
    }
}
