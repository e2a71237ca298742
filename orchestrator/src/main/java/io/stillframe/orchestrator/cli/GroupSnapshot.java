package io.stillframe.orchestrator.cli;

import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunGroup;
import io.stillframe.db.RunId;
import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import io.stillframe.orchestrator.workflow.TakeGroup;
import io.stillframe.orchestrator.workflow.TakeSnapshot;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Several machines at one instant, as commands and policies take them. */
final class GroupSnapshot {
    private static final SecureRandom RANDOM = new SecureRandom();

    private GroupSnapshot() {}

    /**
     * What came of it.
     *
     * @param group empty where they were not taken together
     * @param taken of each machine, in their order
     */
    record Result(Optional<Views.GroupView> group, List<Taken> taken) {
        /** As long as there is nothing of it, another one does no harm to any of its machines. */
        private boolean isDoubted(SnapshotOptions options) {
            return taken.stream().allMatch(of -> of.isDoubted(options));
        }

        /** With what came of the groups whose place it has taken. */
        private Result after(List<Result> earlier) {
            List<Taken> all = new ArrayList<>();
            for (int i = 0; i < taken.size(); i++) {
                int member = i;
                List<Run> runs = earlier.stream()
                        .flatMap(of -> of.taken.get(member).attempts().stream())
                        .toList();
                all.add(taken.get(i).after(runs));
            }
            return new Result(group, all);
        }
    }

    /** Takes them all, and on doubt all of them again; the machines are held and settled. */
    static Result take(Site site, Journal journal, List<Domain> domains, GroupRule rule, SnapshotOptions options) {
        SnapshotOptions grouped = options.inGroup();
        List<Result> attempts = SnapshotCommand.untilProved(site, journal)
                .of(grouped, next -> once(site, journal, domains, rule, next), result -> result.isDoubted(grouped));
        int last = attempts.size() - 1;
        return attempts.get(last).after(attempts.subList(0, last));
    }

    private static Result once(
            Site site, Journal journal, List<Domain> domains, GroupRule rule, SnapshotOptions options) {
        TakeSnapshot snapshot = SnapshotCommand.once(site, journal);
        List<TakeGroup.Part<Taken>> parts = new ArrayList<>();
        for (Domain domain : domains) {
            RunId run = RunId.random(RANDOM);
            parts.add(new TakeGroup.Part<>(
                    domain.id().name(),
                    run,
                    member -> SnapshotCommand.take(
                            domain, journal, () -> List.of(snapshot.of(domain, run, options, member)))));
        }
        RunId group = RunId.random(RANDOM);
        try {
            List<Taken> taken = new TakeGroup(journal, site.timing()).of(group, rule, parts);
            return new Result(Optional.of(view(journal, group, rule, parts)), taken);
        } catch (JournalException e) {
            // one that could not even begin must not hide how those before it ended
            CommandFailed failure = Stillframe.journalFailed(e);
            return new Result(
                    Optional.empty(),
                    parts.stream().map(of -> Taken.failed(of.vm(), failure)).toList());
        }
    }

    /** What is not known to be proved is not claimed. */
    private static Views.GroupView view(
            Journal journal, RunId group, GroupRule rule, List<TakeGroup.Part<Taken>> parts) {
        List<RunId> runs = parts.stream().map(TakeGroup.Part::run).toList();
        try {
            return Views.GroupView.of(journal.groupOf(runs.get(0)).orElseGet(() -> new RunGroup(group, rule, runs)));
        } catch (JournalException e) {
            return Views.GroupView.of(new RunGroup(group, rule, runs));
        }
    }
}
