package io.stillframe.orchestrator.cli;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Freeze;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunGroup;
import io.stillframe.db.RunId;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.Transition;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.life.ListSnapshots.Listing;
import io.stillframe.orchestrator.recovery.Finding;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code --json} prints. The names of the fields are a contract: they are only ever added to. Times are ISO-8601 in
 * UTC, lengths of time in milliseconds with a fraction.
 */
final class Views {
    private Views() {}

    record Runs(List<?> runs) {}

    record GroupedRuns(List<TakenView> runs, GroupView group) {}

    /**
     * Runs of several machines that were to be of one instant.
     *
     * @param oneInstant whether it was proved that they are; the times are null where not
     * @param skewMillis from before the first volume was taken to after the last one was
     * @param togetherMillis for how long at least all machines stood still together
     */
    record GroupView(
            String group,
            String rule,
            List<String> runs,
            boolean oneInstant,
            Double skewMillis,
            Double togetherMillis) {
        static GroupView of(RunGroup group) {
            return new GroupView(
                    group.id().value(),
                    group.rule().name(),
                    group.members().stream().map(RunId::value).toList(),
                    group.proof().isPresent(),
                    group.proof().map(proof -> millis(proof.skew())).orElse(null),
                    group.proof().map(proof -> millis(proof.together())).orElse(null));
        }
    }

    /** @param concerns what stands against another snapshot of the same machines' disks, or soon will */
    record Snapshots(List<LifeViews.StandingView> snapshots, List<ConcernView> concerns) {
        static Snapshots of(Listing listing) {
            List<ConcernView> concerns = new ArrayList<>();
            listing.concerns()
                    .forEach((vm, checks) -> checks.stream()
                            .map(check -> ConcernView.of(vm, check))
                            .forEach(concerns::add));
            return new Snapshots(
                    listing.snapshots().stream().map(LifeViews.StandingView::of).toList(), concerns);
        }
    }

    record ConcernView(String vm, String check, String status, String detail, String hint) {
        static ConcernView of(String vm, Check check) {
            CheckView view = CheckView.of(check);
            return new ConcernView(vm, view.check(), view.status(), view.detail(), view.hint());
        }
    }

    record Failure(ErrorView error) {}

    record ErrorView(String code, String message, String hint) {
        static ErrorView of(RunError error) {
            return new ErrorView(error.code(), error.message(), error.hint());
        }

        static ErrorView of(Problem problem) {
            return new ErrorView(problem.code().name(), problem.message(), problem.hint());
        }
    }

    record FreezeView(int filesystems, double windowMillis) {
        static FreezeView of(Freeze freeze) {
            return new FreezeView(freeze.filesystems(), millis(freeze.window()));
        }
    }

    record VolumeView(String disk, String driver, String snapshot, String active, String format) {
        static VolumeView of(RunVolume volume) {
            return new VolumeView(volume.disk(), volume.driver(), volume.snapshot(), volume.active(), volume.format());
        }
    }

    /**
     * One machine's part in {@code snapshot}; without a run where the machine was refused before one began.
     *
     * @param attempts the runs before this one that a doubt has cost; the first one first
     */
    record TakenView(
            String run,
            String vm,
            String uuid,
            String state,
            String consistency,
            List<Evidence> evidence,
            FreezeView freeze,
            List<VolumeView> volumes,
            ErrorView error,
            List<AttemptView> attempts) {
        static TakenView of(Run run, List<Evidence> evidence, List<RunVolume> volumes) {
            return new TakenView(
                    run.id().value(),
                    run.vmName(),
                    run.vm().toString(),
                    run.state().name(),
                    label(run.result().consistency()),
                    evidence,
                    run.result().freeze().map(FreezeView::of).orElse(null),
                    volumes.stream().map(VolumeView::of).toList(),
                    run.result().error().map(ErrorView::of).orElse(null),
                    List.of());
        }

        TakenView after(List<Run> earlier) {
            return new TakenView(
                    run,
                    vm,
                    uuid,
                    state,
                    consistency,
                    evidence,
                    freeze,
                    volumes,
                    error,
                    earlier.stream().map(AttemptView::of).toList());
        }

        static TakenView refused(String vm, Problem problem) {
            return new TakenView(
                    null, vm, null, null, null, List.of(), null, List.of(), ErrorView.of(problem), List.of());
        }
    }

    /** A run whose place another one has taken. */
    record AttemptView(String run, String state, ErrorView error) {
        static AttemptView of(Run run) {
            return new AttemptView(
                    run.id().value(),
                    run.state().name(),
                    run.result().error().map(ErrorView::of).orElse(null));
        }
    }

    /** One run in a list. */
    record RunView(
            String run,
            String vm,
            String state,
            Instant startedAt,
            Instant endedAt,
            String consistency,
            Double windowMillis) {
        static RunView of(Run run) {
            return new RunView(
                    run.id().value(),
                    run.vmName(),
                    run.state().name(),
                    run.startedAt(),
                    run.endedAt().orElse(null),
                    label(run.result().consistency()),
                    run.result().freeze().map(freeze -> millis(freeze.window())).orElse(null));
        }
    }

    record SnapshotView(
            String id, String run, String vm, Instant takenAt, String consistency, List<VolumeView> volumes) {
        static SnapshotView of(Snapshot snapshot) {
            return new SnapshotView(
                    snapshot.id(),
                    snapshot.run().value(),
                    snapshot.vmName(),
                    snapshot.takenAt(),
                    snapshot.consistency().label(),
                    snapshot.volumes().stream().map(VolumeView::of).toList());
        }
    }

    /** A run with its states and, where it took one, its snapshot, and where it was in one, its group. */
    record Shown(TakenView run, List<TransitionView> transitions, SnapshotView snapshot, GroupView group) {}

    record TransitionView(String state, Instant at) {
        static TransitionView of(Transition transition) {
            return new TransitionView(transition.state().name(), transition.at());
        }
    }

    record Doctor(String vm, List<CheckView> checks) {}

    record CheckView(String check, String status, String detail, String hint) {
        static CheckView of(Check check) {
            return new CheckView(
                    check.check(), check.status().name().toLowerCase(Locale.ROOT), check.detail(), check.hint());
        }
    }

    record Thawed(String vm, boolean thawed, String by, int filesystems, String detail) {
        static Thawed of(String vm, Thaw thaw) {
            return new Thawed(
                    vm,
                    thaw.confirmed(),
                    thaw.by().name().toLowerCase(Locale.ROOT),
                    Math.max(thaw.filesystems(), 0),
                    thaw.how());
        }
    }

    record Reconciled(List<FindingView> findings) {}

    record FindingView(String status, String vm, String run, String detail, String job) {
        static FindingView of(Finding finding) {
            return new FindingView(
                    finding.status().name(),
                    finding.vm().orElse(null),
                    finding.run().map(RunId::value).orElse(null),
                    finding.detail(),
                    finding.job().map(RunId::value).orElse(null));
        }
    }

    record Validated(String file, boolean valid, List<String> problems) {}

    static double millis(Duration duration) {
        return Math.round(duration.toNanos() / 100_000.0) / 10.0;
    }

    private static String label(Optional<Consistency> consistency) {
        return consistency.map(Consistency::label).orElse(null);
    }
}
