package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.orchestrator.evidence.Testimony;
import io.stillframe.orchestrator.lease.Thaw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What can be claimed of a snapshot, and on what evidence. A freeze that was asked for is not a freeze that held: the
 * agent's own flag stays at frozen after a thaw behind its back, and only its counts tell. Any doubt makes it {@code
 * crash}, but for a doubt about the applications, which makes it no more than {@code filesystem}.
 */
record Verdict(Consistency consistency, List<Evidence> evidence) {
    /** Nothing was frozen: what the disks held at one instant, and no more. */
    static Verdict withoutFreeze(List<Evidence> beforehand) {
        return new Verdict(Consistency.CRASH, List.copyOf(beforehand));
    }

    /**
     * Weighs a freeze.
     *
     * @param beforehand what was known before and weakens nothing: what no freeze reaches
     * @param others what else was seen and has to be in order
     */
    static Verdict of(Freezing freezing, Thaw thaw, List<Evidence> beforehand, List<Evidence> others) {
        List<Evidence> evidence = new ArrayList<>(beforehand);
        evidence.add(freezing.counted());
        evidence.add(thawed(freezing, thaw));
        evidence.add(freezing.limitKept(thaw));
        evidence.addAll(others);
        return ofFrozen(evidence);
    }

    /** Of all that is known of a freeze. */
    static Verdict ofFrozen(List<Evidence> evidence) {
        Map<Boolean, List<Evidence>> parts = evidence.stream()
                .collect(Collectors.partitioningBy(item -> item.check().equals(Testimony.HOOK)));
        List<Evidence> hooks = parts.get(true);
        boolean held = parts.get(false).stream().allMatch(Evidence::ok);
        boolean told = !hooks.isEmpty() && hooks.stream().allMatch(Evidence::ok);
        Consistency proved = told ? Consistency.APPLICATION : Consistency.FILESYSTEM;
        return new Verdict(held ? proved : Consistency.CRASH, List.copyOf(evidence));
    }

    /** As it is weighed before the snapshot's disks were asked: then nothing is claimed. */
    Verdict unproved() {
        return new Verdict(Consistency.CRASH, evidence);
    }

    /** With more that has to be in order. */
    Verdict with(List<Evidence> more) {
        List<Evidence> all = new ArrayList<>(evidence);
        all.addAll(more);
        boolean held = more.stream().allMatch(Evidence::ok);
        return new Verdict(held ? consistency : Consistency.CRASH, List.copyOf(all));
    }

    /** Whether a check was made and is in order. */
    boolean confirms(String check) {
        return evidence.stream().anyMatch(item -> item.check().equals(check) && item.ok());
    }

    private static Evidence thawed(Freezing freezing, Thaw thaw) {
        return new Evidence(
                "thaw-count",
                thaw.filesystems() == freezing.frozen() && thaw.attempts() == 1,
                thaw.filesystems() < 0
                        ? "unknown: " + thaw.how()
                        : "filesystems thawed: %d of %d; attempts: %d%s"
                                .formatted(
                                        thaw.filesystems(),
                                        freezing.frozen(),
                                        thaw.attempts(),
                                        thaw.attempts() == 1 ? "" : "; " + thaw.how()));
    }

    /**
     * What is known of a freeze.
     *
     * @param expected how many filesystems it had to hold
     * @param frozen how many the agent says it froze
     * @param limit the longest that the guest might be held
     * @param ended why it did not last until its holder ended it; empty where it did
     */
    record Freezing(int expected, int frozen, Duration limit, Optional<String> ended) {
        private Evidence counted() {
            return new Evidence(
                    "freeze-count",
                    frozen > 0 && frozen == expected,
                    "filesystems frozen: %d of %d".formatted(frozen, expected));
        }

        private Evidence limitKept(Thaw thaw) {
            boolean kept = ended.isEmpty() && thaw.window().compareTo(limit) < 0;
            return new Evidence(
                    "freeze-limit",
                    kept,
                    ended.orElse("held for %d ms of %d ms allowed"
                            .formatted(thaw.window().toMillis(), limit.toMillis())));
        }
    }

    /**
     * Lets pass what is required.
     *
     * @throws RunFailed when less was proved
     */
    void require(Consistency required, String vm) {
        if (!consistency.atLeast(required)) {
            throw new RunFailed(new Problem(
                    ErrorCode.CONSISTENCY,
                    "the snapshot of vm '%s' is only '%s' where '%s' is required, so it is discarded: %s"
                            .formatted(vm, consistency.label(), required.label(), doubts()),
                    "try again (--on-doubt retry:N does), keep it as it is with --on-doubt keep, or accept it with --require %s"
                            .formatted(consistency.label())));
        }
    }

    /** The evidence that speaks against more. */
    String doubts() {
        return evidence.stream()
                .filter(item -> !item.ok())
                .map(item -> item.check() + ": " + item.detail())
                .collect(Collectors.joining("; "));
    }
}
