package io.stillframe.config;

import java.time.Duration;
import java.util.List;

/**
 * The applications that are told of each freeze.
 *
 * @param run which, in the order in which they are told; each once, none where no application is told
 * @param limit the longest that they may take to get ready, all together; 1 s to 5 min, in whole seconds
 */
public record Hooks(List<Hook> run, Duration limit) {
    static final Range<Duration> LIMIT = new Range<>(Duration.ofSeconds(1), Duration.ofMinutes(5), Durations::print);

    public static final Hooks DEFAULT = new Hooks(List.of(), Duration.ofSeconds(30));

    public Hooks {
        run = run.stream().distinct().toList();
        LIMIT.require("limit", limit);
        limit = Duration.ofSeconds(limit.toSeconds());
    }
}
