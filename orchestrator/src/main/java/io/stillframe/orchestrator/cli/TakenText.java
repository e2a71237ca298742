package io.stillframe.orchestrator.cli;

import io.stillframe.db.Evidence;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How a run ended, for people. */
final class TakenText {
    /** The states of runs whose volumes are there. */
    private static final Set<String> STAYED = Set.of("COMPLETED", "QUARANTINED", "GIVEN_UP");

    private final Output output;

    TakenText(Output output) {
        this.output = output;
    }

    void print(Views.GroupView group) {
        output.line(
                group.oneInstant()
                        ? String.format(
                                Locale.ROOT,
                                "group %s  of one instant: taken within %.1f ms, all stood still together for %.1f ms",
                                group.group(),
                                group.skewMillis(),
                                group.togetherMillis())
                        : "group %s  not of one instant".formatted(group.group()));
    }

    void print(Views.TakenView run) {
        run.attempts()
                .forEach(attempt -> output.line("run %s  vm '%s'  %s: %s"
                        .formatted(
                                attempt.run(),
                                run.vm(),
                                attempt.state(),
                                attempt.error().message())));
        output.line("run %s  vm '%s'  %s%s"
                .formatted(
                        run.run(),
                        run.vm(),
                        run.state(),
                        run.consistency() == null ? "" : "  consistency " + run.consistency()));
        if (run.freeze() != null) {
            output.line(String.format(
                    Locale.ROOT,
                    "  freeze  %.1f ms, filesystems: %d",
                    run.freeze().windowMillis(),
                    run.freeze().filesystems()));
        }
        if (STAYED.contains(run.state())) {
            run.volumes()
                    .forEach(volume -> output.line("  %s  %s (%s); writing goes on in %s"
                            .formatted(volume.disk(), volume.snapshot(), volume.format(), volume.active())));
        }
        evidence(output, run.evidence());
    }

    static void evidence(Output output, List<Evidence> evidence) {
        for (Evidence item : evidence) {
            output.line("  %s  %s: %s".formatted(item.ok() ? "ok" : "no", item.check(), item.detail()));
        }
    }
}
