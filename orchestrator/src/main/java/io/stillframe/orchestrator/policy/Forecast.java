package io.stillframe.orchestrator.policy;

import io.stillframe.config.Policy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a policy will have made of a machine's snapshots at a later time, if every run until then takes one. */
public final class Forecast {
    /** Every minute for more than two months. */
    static final int MOST_RUNS = 100_000;

    private final Policy policy;

    public Forecast(Policy policy) {
        this.policy = policy;
    }

    /** Judges the snapshots that there are, and one that is taken now. */
    public List<Judgement> afterRun(List<Moment> ofOneMachine, Instant now) {
        return judge(ofOneMachine, List.of(Moment.expected(policy.name(), now)), now);
    }

    /**
     * Judges the snapshots that there are, and those that are expected until then, as of that time.
     *
     * @return the newest first, without those that will have come and gone; empty where more runs are due until then than could be looked at
     */
    public Optional<List<Judgement>> of(List<Moment> ofOneMachine, Instant now, Instant at) {
        List<Moment> expected = new DueTimes(policy.timetable())
                .from(now)
                .takeWhile(due -> !due.isAfter(at))
                .limit(MOST_RUNS + 1)
                .map(due -> Moment.expected(policy.name(), due))
                .toList();
        return expected.size() > MOST_RUNS ? Optional.empty() : Optional.of(judge(ofOneMachine, expected, at));
    }

    private List<Judgement> judge(List<Moment> there, List<Moment> expected, Instant at) {
        return new Retention(policy)
                .of(Stream.concat(there.stream(), expected.stream()).toList(), at).stream()
                        .filter(judgement -> judgement.kept() || there.contains(judgement.moment()))
                        .toList();
    }
}
