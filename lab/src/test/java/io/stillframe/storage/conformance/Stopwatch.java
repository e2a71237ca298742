package io.stillframe.storage.conformance;

import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.time.Duration;
import java.util.List;

/** Runs commands, and says how long one program took. */
final class Stopwatch implements Commands {
    private final Commands real = new LocalCommands();
    private final String program;
    private Duration longest = Duration.ZERO;

    Stopwatch(String program) {
        this.program = program;
    }

    @Override
    public Exit run(List<String> argv, Duration limit) {
        long begin = System.nanoTime();
        Exit exit = real.run(argv, limit);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        if (Kills.calls(program).test(argv) && took.compareTo(longest) > 0) {
            longest = took;
        }
        return exit;
    }

    Duration longest() {
        return longest;
    }
}
