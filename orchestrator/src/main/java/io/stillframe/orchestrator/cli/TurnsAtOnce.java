package io.stillframe.orchestrator.cli;

import io.stillframe.config.Caps;
import io.stillframe.orchestrator.lease.Timing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The turns of several machines, as many at once as the caps allow. One that has to wait is late and never lost: whenever
 * a turn ends the first one that then fits begins.
 */
final class TurnsAtOnce {
    private final Caps caps;
    private final Timing timing;

    TurnsAtOnce(Caps caps, Timing timing) {
        this.caps = caps;
        this.timing = timing;
    }

    /**
     * One machine's turn.
     *
     * @param pools the storage pools that its disks lie in
     */
    record Turn<T>(Set<String> pools, Supplier<T> work) {}

    /** Has them all, and returns when all have ended, with what came of each in the same order. */
    <T> List<T> of(List<Turn<T>> turns) {
        Line<T> line = new Line<>(turns, caps.pool());
        List<Timing.Worker> threads = new ArrayList<>();
        List<CompletableFuture<Optional<Throwable>>> ends = new ArrayList<>();
        try {
            for (int i = 0; i < Math.min(caps.host(), turns.size()); i++) {
                Timing.Worker thread = timing.worker("turns");
                threads.add(thread);
                ends.add(CompletableFuture.supplyAsync(() -> work(line), thread::run));
            }
            // one that breaks does not keep the others from their turns
            List<Optional<Throwable>> broken =
                    ends.stream().map(CompletableFuture::join).toList();
            broken.stream().flatMap(Optional::stream).findFirst().ifPresent(TurnsAtOnce::rethrow);
            return line.results();
        } finally {
            threads.forEach(Timing.Worker::close);
        }
    }

    private static <T> Optional<Throwable> work(Line<T> line) {
        Optional<Throwable> broken = Optional.empty();
        Optional<Integer> next = line.next();
        while (next.isPresent()) {
            try {
                line.work(next.get());
            } catch (RuntimeException | Error e) {
                broken = broken.or(() -> Optional.of(e));
            } finally {
                line.ended(next.get());
            }
            next = line.next();
        }
        return broken;
    }

    private static void rethrow(Throwable broke) {
        if (broke instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) broke;
    }

    /** Those that wait, in their order, and how many turns go on in each pool. */
    private static final class Line<T> {
        private final List<Turn<T>> turns;
        private final int most;
        private final List<Integer> waiting = new ArrayList<>();
        private final Map<String, Integer> busy = new HashMap<>();
        private final Map<Integer, T> results = new LinkedHashMap<>();

        Line(List<Turn<T>> turns, int most) {
            this.turns = turns;
            this.most = most;
            for (int i = 0; i < turns.size(); i++) {
                waiting.add(i);
            }
        }

        /** The first one that fits; waits where none does, for then a turn goes on, and its end wakes this. */
        synchronized Optional<Integer> next() {
            while (!waiting.isEmpty()) {
                Optional<Integer> fits =
                        waiting.stream().filter(i -> fits(turns.get(i))).findFirst();
                if (fits.isPresent()) {
                    waiting.remove(fits.get());
                    turns.get(fits.get()).pools().forEach(pool -> busy.merge(pool, 1, Integer::sum));
                    return fits;
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while turns went on", e);
                }
            }
            return Optional.empty();
        }

        void work(int turn) {
            T result = turns.get(turn).work().get();
            synchronized (this) {
                results.put(turn, result);
            }
        }

        synchronized void ended(int turn) {
            turns.get(turn).pools().forEach(pool -> busy.merge(pool, -1, Integer::sum));
            notifyAll();
        }

        synchronized List<T> results() {
            List<T> ordered = new ArrayList<>();
            for (int i = 0; i < turns.size(); i++) {
                ordered.add(results.get(i));
            }
            return ordered;
        }

        private boolean fits(Turn<T> turn) {
            return turn.pools().stream().allMatch(pool -> busy.getOrDefault(pool, 0) < most);
        }
    }
}
