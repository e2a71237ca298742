package io.stillframe.orchestrator.cli;

import io.stillframe.config.Durations;
import io.stillframe.config.Policy;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.policy.Judgement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What {@code --json} prints of policies, by the rules of {@link Views}. */
final class PolicyViews {
    private PolicyViews() {}

    record TaggedView(String vm, String uuid, List<String> tags) {}

    record Policies(List<PolicyView> policies) {}

    /** @param next when it is due next; null where it never is */
    record PolicyView(String policy, List<String> schedule, String zone, String jitter, boolean removes, Instant next) {
        static PolicyView of(Policy policy, Optional<Instant> next) {
            return new PolicyView(
                    policy.name(),
                    policy.timetable().recurrences().stream()
                            .map(Object::toString)
                            .toList(),
                    policy.timetable().zone().toString(),
                    Durations.print(policy.timetable().jitter()),
                    policy.keep().isPresent(),
                    next.orElse(null));
        }
    }

    record Next(List<DueView> next) {}

    /**
     * @param local when it is due on the clocks of the policy's zone
     * @param begins when it is put off to
     */
    record DueView(String policy, Instant due, String local, Instant begins) {
        static DueView of(Policy policy, Instant due, Instant begins) {
            return new DueView(policy.name(), due, PolicyCommand.clock(policy, due), begins);
        }
    }

    record Explained(String policy, Instant at, List<ExplainedView> machines) {}

    record ExplainedView(String vm, String uuid, List<JudgedView> snapshots) {
        static ExplainedView of(DomainId vm, List<Judgement> judged) {
            return new ExplainedView(
                    vm.name(),
                    vm.uuid().toString(),
                    judged.stream().map(JudgedView::of).toList());
        }
    }

    /** @param policy the policy that took it; null where a person did */
    record JudgedView(String snapshot, Instant takenAt, String policy, boolean kept, List<String> because) {
        static JudgedView of(Judgement judgement) {
            return new JudgedView(
                    judgement.moment().id(),
                    judgement.moment().takenAt(),
                    judgement.moment().policy().orElse(null),
                    judgement.kept(),
                    judgement.because());
        }
    }

    record PolicyRun(String policy, List<TurnView> machines) {}

    record TurnView(Views.TakenView taken, List<LifeViews.DeletedView> removed) {
        static TurnView of(PolicyTurn.Result result) {
            return new TurnView(
                    result.taken().view(),
                    result.removed().stream().map(DeleteCommand.Deleted::view).toList());
        }
    }
}
