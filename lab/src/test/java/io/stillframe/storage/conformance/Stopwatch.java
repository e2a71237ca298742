package io.stillframe.storage.conformance;

import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Runs commands, and says how long some of them took. */
final class Stopwatch implements Commands {
    private final Commands real = new LocalCommands();
    private final Predicate<List<String>> which;
    private final List<Duration> times = new ArrayList<>();

    Stopwatch(Predicate<List<String>> which) {
        this.which = which;
    }

    @Override
    public Exit run(List<String> argv, Duration limit) {
        long begin = System.nanoTime();
        Exit exit = real.run(argv, limit);
        if (which.test(argv)) {
            times.add(Duration.ofNanos(System.nanoTime() - begin));
        }
        return exit;
    }

    /** One for each, in their order. */
    List<Duration> times() {
        return List.copyOf(times);
    }
}
