package io.stillframe.orchestrator.cli;

import io.stillframe.db.Evidence;
import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.CloneSnapshot;
import io.stillframe.orchestrator.life.ListSnapshots.Standing;
import io.stillframe.orchestrator.life.OpenSnapshot;
import io.stillframe.orchestrator.life.RevertSnapshot;
import io.stillframe.orchestrator.life.VerifySnapshot;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.storage.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What {@code --json} prints of a snapshot's life; the same contract as {@link Views}. Sizes are in bytes. */
final class LifeViews {
    private LifeViews() {}

    /** A snapshot in a list, with how it is with it now. */
    record StandingView(
            String id,
            String run,
            String vm,
            Instant takenAt,
            String consistency,
            List<StandingVolumeView> volumes,
            String uuid,
            String state,
            String parent,
            boolean head,
            Instant openedAt,
            Long bytes) {
        static StandingView of(Standing standing) {
            Snapshot snapshot = standing.snapshot();
            return new StandingView(
                    snapshot.id(),
                    snapshot.run().value(),
                    snapshot.vmName(),
                    snapshot.takenAt(),
                    snapshot.consistency().label(),
                    standing.volumes().entrySet().stream()
                            .map(of -> StandingVolumeView.of(of.getKey(), of.getValue()))
                            .toList(),
                    snapshot.vm().toString(),
                    snapshot.state().name(),
                    snapshot.parent().map(RunId::label).orElse(null),
                    standing.head(),
                    snapshot.openedAt().orElse(null),
                    boxed(standing.bytes()));
        }
    }

    /** @param condition {@code present}, {@code lost}, {@code absent} or {@code unknown} */
    record StandingVolumeView(
            String disk,
            String driver,
            String snapshot,
            String active,
            String format,
            String condition,
            Long bytes,
            Double fill,
            String reason) {
        static StandingVolumeView of(RunVolume volume, Condition condition) {
            OptionalLong bytes = OptionalLong.empty();
            OptionalDouble fill = OptionalDouble.empty();
            if (condition instanceof Condition.Present present) {
                bytes = present.bytes();
                fill = present.fill();
            }
            return new StandingVolumeView(
                    volume.disk(),
                    volume.driver(),
                    volume.snapshot(),
                    volume.active(),
                    volume.format(),
                    word(condition),
                    boxed(bytes),
                    fill.isPresent() ? fill.getAsDouble() : null,
                    why(condition).orElse(null));
        }
    }

    private static String word(Condition condition) {
        if (condition instanceof Condition.Present) {
            return "present";
        }
        if (condition instanceof Condition.Lost) {
            return "lost";
        }
        return condition instanceof Condition.Absent ? "absent" : "unknown";
    }

    private static Optional<String> why(Condition condition) {
        if (condition instanceof Condition.Lost lost) {
            return Optional.of(lost.reason());
        }
        return condition instanceof Condition.Unknown unknown ? Optional.of(unknown.reason()) : Optional.empty();
    }

    record ChangeView(String disk, String driver, String from, String to, String format) {
        static ChangeView of(JobChange change) {
            return new ChangeView(change.disk(), change.driver(), change.from(), change.to(), change.format());
        }
    }

    record JobView(
            String job,
            String kind,
            String snapshot,
            String vm,
            String uuid,
            String name,
            String state,
            Instant startedAt,
            Instant endedAt,
            List<ChangeView> changes,
            Views.ErrorView error) {
        static JobView of(Job job) {
            return new JobView(
                    job.id().value(),
                    job.kind().name(),
                    job.snapshot().label(),
                    job.vmName(),
                    job.vm().toString(),
                    job.name().orElse(null),
                    job.state().name(),
                    job.startedAt(),
                    job.endedAt().orElse(null),
                    job.changes().stream().map(ChangeView::of).toList(),
                    job.error().map(Views.ErrorView::of).orElse(null));
        }
    }

    record ShownJob(JobView job) {}

    record PathView(String disk, String path, String format) {}

    /** What {@code clone} made. The volumes are there where the job is DONE; the machine where one was asked for. */
    record ClonedView(
            JobView job, List<PathView> volumes, String vm, String uuid, List<String> remarks, Views.ErrorView error) {
        static ClonedView of(CloneSnapshot.Cloned cloned) {
            Optional<Job> done =
                    cloned.result().job().filter(job -> cloned.result().isDone());
            Optional<DomainId> machine =
                    done.filter(job -> job.name().isPresent()).map(CloneSnapshot::machine);
            return new ClonedView(
                    cloned.result().job().map(JobView::of).orElse(null),
                    done.map(Job::changes).orElse(List.of()).stream()
                            .map(change -> new PathView(change.disk(), change.to(), change.format()))
                            .toList(),
                    machine.map(DomainId::name).orElse(null),
                    machine.map(of -> of.uuid().toString()).orElse(null),
                    cloned.remarks(),
                    shown(cloned.result().problem()));
        }
    }

    record OpenedView(String snapshot, String vm, List<PathView> views, Views.ErrorView error) {
        static OpenedView of(Snapshot snapshot, OpenSnapshot.Views views) {
            return new OpenedView(
                    snapshot.id(),
                    snapshot.vmName(),
                    views.paths().entrySet().stream()
                            .map(of -> new PathView(of.getKey(), of.getValue().toString(), "raw"))
                            .toList(),
                    shown(views.problem()));
        }
    }

    /** @param looked whether the disks could be opened; where not, nothing was verified */
    record VerifiedView(
            String snapshot,
            String vm,
            String consistency,
            boolean looked,
            boolean verified,
            List<Evidence> evidence,
            Views.ErrorView error) {
        static VerifiedView of(Snapshot snapshot, VerifySnapshot.Verified verified) {
            return new VerifiedView(
                    snapshot.id(),
                    snapshot.vmName(),
                    snapshot.consistency().label(),
                    verified.looked(),
                    verified.problem().isEmpty(),
                    verified.evidence(),
                    shown(verified.problem()));
        }
    }

    record ClosedView(String snapshot, String vm, boolean closed, Views.ErrorView error) {
        static ClosedView of(Snapshot snapshot, OpenSnapshot.Views views) {
            return new ClosedView(
                    snapshot.id(), snapshot.vmName(), views.problem().isEmpty(), shown(views.problem()));
        }
    }

    /** @param safety the snapshot that keeps what the machine had before; null where there is none */
    record RevertedView(JobView job, String safety, Views.ErrorView error) {
        static RevertedView of(RevertSnapshot.Reverted reverted) {
            return new RevertedView(
                    reverted.result().job().map(JobView::of).orElse(null),
                    reverted.safety()
                            .filter(run -> run.state() == RunState.COMPLETED)
                            .map(run -> run.id().label())
                            .orElse(null),
                    shown(reverted.result().problem()));
        }
    }

    record DeletedViews(List<DeletedView> snapshots) {}

    record DeletedView(String snapshot, String vm, boolean deleted, JobView job, Views.ErrorView error) {
        static DeletedView of(Snapshot snapshot, boolean deleted, Optional<Job> job, Optional<Problem> problem) {
            return new DeletedView(
                    snapshot.id(),
                    snapshot.vmName(),
                    deleted,
                    job.map(JobView::of).orElse(null),
                    shown(problem));
        }
    }

    private static Views.ErrorView shown(Optional<Problem> problem) {
        return problem.map(Views.ErrorView::of).orElse(null);
    }

    private static Long boxed(OptionalLong bytes) {
        return bytes.isPresent() ? (Long) bytes.getAsLong() : null;
    }
}
