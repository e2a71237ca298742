package io.stillframe.orchestrator.workflow;

import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.RunGroup;
import io.stillframe.db.RunId;
import io.stillframe.orchestrator.lease.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Takes snapshots of several machines at one instant. Each is a run like any other, on a thread of its own, with its own
 * connections, lease, sentinel and limit; a member only waits for the others at a few points, for so long as its own lease
 * allows. What the group is, is journaled before any of its runs; that it has come about, when all are released.
 */
public final class TakeGroup {
    private final Journal journal;
    private final Timing timing;

    public TakeGroup(Journal journal, Timing timing) {
        this.journal = journal;
        this.timing = timing;
    }

    /**
     * One machine's part.
     *
     * @param taking takes the run of that id as this member, and returns when it has ended
     */
    public record Part<T>(String vm, RunId run, Function<Member, T> taking) {}

    /**
     * Takes them all, and returns when every run has ended.
     *
     * @param parts at least two, of different machines
     * @return what came of each, in the same order
     */
    public <T> List<T> of(RunId id, GroupRule rule, List<Part<T>> parts) {
        RunGroup group = new RunGroup(id, rule, parts.stream().map(Part::run).toList());
        journal.plan(group);
        List<String> vms = parts.stream().map(Part::vm).toList();
        List<Timing.Worker> threads = new ArrayList<>();
        try (Gathering gathering = new Gathering(group, vms, journal, timing)) {
            // all of them before any run begins: where there can be no more threads nothing was begun
            vms.forEach(vm -> threads.add(timing.worker("run of " + vm)));
            List<CompletableFuture<T>> ends = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                Part<T> part = parts.get(i);
                Member member = Member.of(gathering, part.vm());
                ends.add(CompletableFuture.supplyAsync(() -> take(part, member), threads.get(i)::run));
            }
            // whatever breaks one, every other comes to its end before it is told
            CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new))
                    .exceptionally(any -> null)
                    .join();
            return ends.stream().map(TakeGroup::result).toList();
        } finally {
            threads.forEach(Timing.Worker::close);
        }
    }

    private static <T> T take(Part<T> part, Member member) {
        try {
            return part.taking().apply(member);
        } finally {
            member.leave();
        }
    }

    private static <T> T result(CompletableFuture<T> end) {
        try {
            return end.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }
}
