package io.stillframe.orchestrator.workflow;

import io.stillframe.config.Hooks;
import io.stillframe.config.OnDoubt;
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
 * @param onDoubt what becomes of a snapshot that proves to be less than that
 * @param policy the policy that asks; empty where a person does
 * @param hooks the applications in the guest that are told of the freeze
 * @param grouped whether it has to be of one instant with other machines' snapshots
 */
public record SnapshotOptions(
        Optional<Consistency> required,
        Consistency standard,
        Set<String> excluded,
        Duration freezeLimit,
        Duration thawLimit,
        OnDoubt onDoubt,
        Optional<String> policy,
        Hooks hooks,
        boolean grouped) {
    public SnapshotOptions {
        excluded = Set.copyOf(excluded);
    }

    /** Asked for by a person; one that is less is discarded. */
    public SnapshotOptions(
            Optional<Consistency> required,
            Consistency standard,
            Set<String> excluded,
            Duration freezeLimit,
            Duration thawLimit) {
        this(
                required,
                standard,
                excluded,
                freezeLimit,
                thawLimit,
                OnDoubt.DISCARD,
                Optional.empty(),
                Hooks.DEFAULT,
                false);
    }

    /** The same, with something else to be done on doubt. */
    public SnapshotOptions onDoubt(OnDoubt then) {
        return new SnapshotOptions(required, standard, excluded, freezeLimit, thawLimit, then, policy, hooks, grouped);
    }

    /** The same, asked for by a policy. */
    public SnapshotOptions by(String name) {
        return new SnapshotOptions(
                required, standard, excluded, freezeLimit, thawLimit, onDoubt, Optional.of(name), hooks, grouped);
    }

    /** The same, with these applications told. */
    public SnapshotOptions telling(Hooks applications) {
        return new SnapshotOptions(
                required, standard, excluded, freezeLimit, thawLimit, onDoubt, policy, applications, grouped);
    }

    /** The same, with less or more that will do, whatever the machine's state. */
    SnapshotOptions requiring(Consistency least) {
        return new SnapshotOptions(
                Optional.of(least), standard, excluded, freezeLimit, thawLimit, onDoubt, policy, hooks, grouped);
    }

    /** The same, the guest held no longer than this, where it is said. */
    SnapshotOptions holding(Optional<Duration> atMost) {
        Duration limit = atMost.filter(hold -> hold.compareTo(freezeLimit) < 0).orElse(freezeLimit);
        return new SnapshotOptions(required, standard, excluded, limit, thawLimit, onDoubt, policy, hooks, grouped);
    }

    /** The same for a member of a group. */
    public SnapshotOptions inGroup() {
        return new SnapshotOptions(required, standard, excluded, freezeLimit, thawLimit, onDoubt, policy, hooks, true);
    }

    /** What a running machine's snapshot has to be. */
    Consistency requiredWhileRunning() {
        return required.orElse(standard);
    }
}
