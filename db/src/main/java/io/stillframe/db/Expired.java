package io.stillframe.db;

import java.util.List;
import java.util.stream.Stream;

/**
 * The records of a machine that have ended long enough ago and that nothing needs any more, each kind the oldest first. The
 * jobs go before the runs: wherever this is cut short, what is left needs nothing that is gone.
 */
public record Expired(List<RunId> jobs, List<RunId> runs) {
    static final Expired NOTHING = new Expired(List.of(), List.of());

    public Expired {
        jobs = List.copyOf(jobs);
        runs = List.copyOf(runs);
    }

    public int size() {
        return jobs.size() + runs.size();
    }

    /** What goes first of it. */
    Expired first(int most) {
        List<RunId> first =
                Stream.concat(jobs.stream(), runs.stream()).limit(most).toList();
        int some = Math.min(jobs.size(), first.size());
        return new Expired(first.subList(0, some), first.subList(some, first.size()));
    }
}
