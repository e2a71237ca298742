package io.stillframe.db;

import java.util.List;
import java.util.Optional;

/**
 * Runs of several machines whose snapshots are to be of one instant.
 *
 * @param members the run of each machine, at least two and each once; one that never began is there all the same
 * @param proof there from the moment at which every member was released and kept all that was asked of it; empty before,
 *     and for ever where that did not come
 */
public record RunGroup(RunId id, GroupRule rule, List<RunId> members, Optional<OneInstant> proof) {
    public RunGroup {
        members = List.copyOf(members);
        if (members.size() < 2 || members.stream().distinct().count() < members.size()) {
            throw new IllegalArgumentException("a group of " + members);
        }
    }

    /** One that is going to be taken. */
    public RunGroup(RunId id, GroupRule rule, List<RunId> members) {
        this(id, rule, members, Optional.empty());
    }

    /** With its proof. */
    RunGroup proved(OneInstant proof) {
        return new RunGroup(id, rule, members, Optional.of(proof));
    }
}
