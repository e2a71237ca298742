package io.stillframe.orchestrator.workflow;

import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.RunGroup;
import io.stillframe.db.RunId;
import io.stillframe.orchestrator.lease.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
            List<CompletableFuture<Ended<T>>> ends = new ArrayList<>();
            for (Part<T> part : parts) {
                Timing.Worker thread = timing.worker("run of " + part.vm());
                threads.add(thread);
                CompletableFuture<Ended<T>> end = new CompletableFuture<>();
                ends.add(end);
                thread.run(() -> end.complete(take(part, Member.of(gathering, part.vm()))));
            }
            // whatever breaks one, every other comes to its end before it is told
            List<Ended<T>> ended = ends.stream().map(CompletableFuture::join).toList();
            return ended.stream().map(Ended::result).toList();
        } finally {
            threads.forEach(Timing.Worker::close);
        }
    }

    private static <T> Ended<T> take(Part<T> part, Member member) {
        try {
            return new Ended<>(Optional.of(part.taking().apply(member)), null, null);
        } catch (RuntimeException e) {
            return new Ended<>(Optional.empty(), e, null);
        } catch (Error e) {
            return new Ended<>(Optional.empty(), null, e);
        } finally {
            member.leave();
        }
    }

    /** How a part ended: with its result, or with what broke it. */
    private record Ended<T>(Optional<T> value, RuntimeException failure, Error error) {
        T result() {
            if (error != null) {
                throw error;
            }
            return value.orElseThrow(() -> failure);
        }
    }
}
