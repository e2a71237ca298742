package io.stillframe.orchestrator.simulation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Many worlds, several at a time. */
final class Seeds {
    private Seeds() {}

    /** The first of so many seeds in whose world a promise is broken, with the story. */
    static Optional<Map.Entry<Long, String>> firstBroken(
            long seeds, Path directory, Coverage coverage, Set<Safeguard> without)
            throws InterruptedException, ExecutionException {
        AtomicLong next = new AtomicLong();
        ConcurrentSkipListMap<Long, String> broken = new ConcurrentSkipListMap<>();
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(executor.submit(() -> {
                Images images = Images.in(directory);
                for (long seed = next.incrementAndGet();
                        seed <= seeds && broken.isEmpty();
                        seed = next.incrementAndGet()) {
                    long now = seed;
                    new World(now, images, coverage, without).run().ifPresent(what -> broken.put(now, what));
                }
                images.remove();
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
        executor.shutdown();
        return Optional.ofNullable(broken.firstEntry());
    }
}
