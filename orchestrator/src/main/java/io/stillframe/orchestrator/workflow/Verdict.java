package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.orchestrator.lease.Thaw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What can be claimed of a snapshot, and on what evidence. A freeze that was asked for is not a freeze that held: the
 * agent's own flag stays at frozen after a thaw behind its back, and only its counts tell. Any doubt makes it {@code
 * crash}.
 */
record Verdict(Consistency consistency, List<Evidence> evidence) {
    /** Nothing was frozen: what the disks held at one instant, and no more. */
    static Verdict withoutFreeze(String reason) {
        return new Verdict(Consistency.CRASH, List.of(new Evidence("freeze", false, "not attempted: " + reason)));
    }

    static Verdict of(FreezePlan plan, int frozen, Thaw thaw, boolean expired, Duration limit) {
        List<Evidence> evidence = new ArrayList<>();
        evidence.add(new Evidence(
                "freeze-count",
                frozen > 0 && frozen == plan.expected(),
                "filesystems frozen: %d of %d".formatted(frozen, plan.expected())));
        evidence.add(new Evidence(
                "thaw-count",
                thaw.filesystems() == frozen && thaw.attempts() == 1,
                thaw.filesystems() < 0
                        ? "unknown: " + thaw.how()
                        : "filesystems thawed: %d of %d; attempts: %d"
                                .formatted(thaw.filesystems(), frozen, thaw.attempts())));
        evidence.add(new Evidence(
                "freeze-limit",
                !expired && thaw.window().compareTo(limit) < 0,
                "held for %d ms of %d ms allowed".formatted(thaw.window().toMillis(), limit.toMillis())));
        boolean held = evidence.stream().allMatch(Evidence::ok);
        return new Verdict(held ? Consistency.FILESYSTEM : Consistency.CRASH, List.copyOf(evidence));
    }

    /** With what the freeze could not reach: it does not weaken the class, which claims nothing of it. */
    Verdict with(List<Evidence> beyond) {
        List<Evidence> all = new ArrayList<>(evidence);
        all.addAll(beyond);
        return new Verdict(consistency, List.copyOf(all));
    }

    /** The evidence that speaks against more. */
    String doubts() {
        return evidence.stream()
                .filter(item -> !item.ok())
                .map(item -> item.check() + ": " + item.detail())
                .collect(Collectors.joining("; "));
    }
}
