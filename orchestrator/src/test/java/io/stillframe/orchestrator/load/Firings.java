package io.stillframe.orchestrator.load;

import io.stillframe.config.Policy;
import io.stillframe.db.Run;
import io.stillframe.orchestrator.policy.DueTimes;
import io.stillframe.orchestrator.policy.Jitter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How late the runs of a time began. Each by the journal's own record: from the moment that its policy was to begin, jitter
 * counted, to the one at which its run was journaled as begun. So whatever delays a run counts: the scheduler, the wait for
 * another run, the look at the machines, the opening and compacting of files.
 *
 * @param late how late each was, the least late first
 * @param missing those that were to begin and have no run
 */
record Firings(List<Duration> late, int missing) {
    /**
     * Of those that were due in this time, and began in it when they were put off.
     *
     * @param runs all that began in this time or later
     */
    static Firings between(Instant begin, Instant end, Map<String, Policy> policies, List<Run> runs) {
        Map<String, List<Run>> byMachine = runs.stream().collect(Collectors.groupingBy(Run::vmName));
        List<Duration> late = new ArrayList<>();
        int missing = 0;
        for (Policy policy : policies.values()) {
            List<Instant> begins = new DueTimes(policy.timetable())
                    .from(begin)
                    .takeWhile(end::isAfter)
                    .map(due -> Jitter.begin(policy, due))
                    .filter(end::isAfter)
                    .toList();
            for (int i = 0; i < begins.size(); i++) {
                Instant at = begins.get(i);
                Instant next = i + 1 < begins.size() ? begins.get(i + 1) : Instant.MAX;
                Optional<Instant> began = byMachine.getOrDefault(policy.name(), List.of()).stream()
                        .map(Run::startedAt)
                        .filter(started -> !started.isBefore(at) && started.isBefore(next))
                        .min(Instant::compareTo);
                began.ifPresent(started -> late.add(Duration.between(at, started)));
                missing += began.isPresent() ? 0 : 1;
            }
        }
        return new Firings(late.stream().sorted().toList(), missing);
    }

    /** @param share 0.99 for the 99th of a hundred */
    Duration quantile(double share) {
        return late.get((int) Math.min(late.size() - 1L, Math.round(Math.ceil(share * late.size())) - 1));
    }
}
