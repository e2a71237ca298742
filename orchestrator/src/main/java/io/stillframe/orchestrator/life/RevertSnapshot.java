package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import io.stillframe.orchestrator.workflow.TakeSnapshot;
import io.stillframe.storage.Outcome;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Brings a machine that is off back to a snapshot, and keeps the snapshot.
 *
 * <p>Crash argument: the definition is changed last, and all of it at once: where it names what the revert leads to the
 * revert is done, and whatever the machine has done since is its own. Where every volume moves, nothing that the machine has
 * was touched until then, so one that was broken off before is taken back: the machine may have run meanwhile, and keeps what
 * it wrote. Where a volume is brought back under the name that it has, it may be a mixture until its revert is done, and
 * nothing tells whether that was so: nobody goes on with it, for what the machine has written since would be lost. An
 * operator ends it, and may revert anew, which keeps what the disks hold by then.
 */
public final class RevertSnapshot {
    private final Workplace place;

    public RevertSnapshot(Workplace place) {
        this.place = place;
    }

    /** The snapshot that is to keep what the machine has now, and who takes it. */
    public record Safety(TakeSnapshot take, RunId id, SnapshotOptions options) {}

    /**
     * What came of it.
     *
     * @param safety the run of the safety snapshot, where one was begun; its snapshot stays whatever came of the revert
     */
    public record Reverted(JobResult result, Optional<Run> safety) {}

    /** Why it cannot be done now, as far as can be told without touching anything. */
    public Optional<Problem> refusal(Snapshot snapshot, RunId id) {
        return JobResult.attempted(() -> {
                    try (StoredSnapshot stored = open(snapshot)) {
                        plan(stored, id);
                        return JobResult.NOTHING_AGAINST;
                    }
                })
                .problem();
    }

    /** Takes the safety snapshot, then reverts. What can be refused is refused before either. */
    public Reverted of(Snapshot snapshot, RunId id, Optional<Safety> safety) {
        Optional<Problem> refusal = refusal(snapshot, id);
        if (refusal.isPresent()) {
            return new Reverted(JobResult.refused(refusal.get()), Optional.empty());
        }
        Optional<Run> kept = safety.map(asked -> keep(snapshot, asked));
        if (kept.filter(run -> run.state() != RunState.COMPLETED).isPresent()) {
            return new Reverted(JobResult.refused(notKept(snapshot, kept.get())), kept);
        }
        JobResult result = JobResult.attempted(() -> {
            try (StoredSnapshot stored = open(snapshot)) {
                // planned anew: the safety snapshot may have moved what the machine writes to
                Undertaking.Intent intent =
                        new Undertaking.Intent(id, JobKind.REVERT, Optional.empty(), plan(stored, id));
                return carry(Undertaking.begin(place, snapshot, intent), stored);
            }
        });
        return new Reverted(result, kept);
    }

    /** Makes it, or ends one that was broken off. */
    JobResult carry(Undertaking job, StoredSnapshot stored) {
        try {
            if (Definitions.isMoved(stored.domain(), job.job().changes())) {
                return job.done();
            }
            if (!job.isFirst()) {
                return isTakenBack(job.job()) ? takeBack(job, stored, Undertaking.CUT_SHORT) : leftToAnOperator(job);
            }
            requireOff(stored);
            requireUnsaved(stored);
            revert(job.job(), stored);
            requireStillOff(stored);
            Definitions.move(stored.domain(), job.job().changes());
            if (!Definitions.isMoved(stored.domain(), job.job().changes())) {
                requireStillOff(stored);
            }
            return job.done();
        } catch (RuntimeException e) {
            return stopped(job, stored, e);
        }
    }

    private static JobResult stopped(Undertaking job, StoredSnapshot stored, RuntimeException cause) {
        JobStopped stopped = JobStopped.of(cause, job.job());
        if (stopped.isUntouched() && job.isFirst()) {
            return job.failed(stopped.problem());
        }
        if (isTakenBack(job.job())) {
            // a definition whose answer was lost is changed or not: whoever asks libvirt later knows
            boolean unknown = cause instanceof GuestException e && e.failure().effectUnknown();
            return unknown ? job.left(stopped.problem()) : takeBack(job, stored, stopped.problem());
        }
        return wasStarted(stored.domain()) ? leftToAnOperator(job) : job.left(goesOn(stopped.problem(), job.job()));
    }

    /** Whether one that was broken off is taken back: nothing that the machine has was touched, whatever came of it. */
    static boolean isTakenBack(Job job) {
        return job.changes().stream().noneMatch(change -> change.from().equals(change.to()));
    }

    private static JobResult takeBack(Undertaking job, StoredSnapshot stored, Problem problem) {
        try {
            if (Definitions.isMoved(stored.domain(), job.job().changes())) {
                return job.done();
            }
            if (Definitions.isBegun(stored.domain(), job.job().changes())) {
                return job.quarantined(halfDefined(job.job()));
            }
        } catch (RuntimeException e) {
            return job.left(JobStopped.of(e, job.job()).problem());
        }
        List<String> leftovers =
                stored.every(job.job().changes(), (part, change) -> part.store().giveUpRevert(part.volume(), change));
        return job.takenBack(
                problem,
                leftovers,
                "vm '%s' has what it had".formatted(job.job().vmName()));
    }

    private static JobResult leftToAnOperator(Undertaking job) {
        Problem problem = brokenOff(job.job());
        return job.job().state() == JobState.QUARANTINED ? JobResult.of(job.job(), problem) : job.quarantined(problem);
    }

    private StoredSnapshot open(Snapshot snapshot) {
        Admission.requirePresent(snapshot);
        Admission.requireSettled(place.journal(), snapshot);
        StoredSnapshot stored =
                StoredSnapshot.open(place.machines(), snapshot, place.pace().bytesPerSecond());
        stored.requireMachine("nothing was reverted");
        return stored;
    }

    private static List<JobChange> plan(StoredSnapshot stored, RunId id) {
        requireOff(stored);
        requireUnsaved(stored);
        List<JobChange> changes = stored.plan((store, volume) -> store.planRevert(volume, id.label()));
        requireItsOwn(stored, changes);
        return changes;
    }

    private static void requireUnsaved(StoredSnapshot stored) {
        if (stored.domain().hasSavedState()) {
            throw JobStopped.untouched(
                    ErrorCode.VM_STATE,
                    "vm '%s' was not touched: its memory is saved, and belongs to the disks that it has now"
                            .formatted(stored.snapshot().vmName()),
                    "start it and shut it down, or drop the saved memory with 'virsh managedsave-remove'");
        }
    }

    private static void requireItsOwn(StoredSnapshot stored, List<JobChange> changes) {
        Definitions.elsewhere(stored.domain(), changes).ifPresent(change -> {
            throw JobStopped.untouched(
                    ErrorCode.STORAGE,
                    "vm '%s' was not touched: its %s is no longer %s, which the snapshot would be written to: what lies on that by now would be destroyed"
                            .formatted(stored.snapshot().vmName(), change.disk(), change.to()),
                    "bring its definition back to that ('virsh edit') if nothing else needs it, or clone the snapshot");
        });
    }

    /** What an earlier one has left, and who gave it up could not remove, would be taken for the beginning of this one. */
    private void revert(Job job, StoredSnapshot stored) {
        stored.each(job.changes(), (part, change) -> {
            requireOff(stored);
            Outcome rid = part.store().giveUpRevert(part.volume(), change);
            if (!rid.settled()) {
                return rid;
            }
            return place.pace()
                    .during(
                            JobWords.doing(job, change.disk()),
                            meter -> part.store().revert(part.volume(), change, meter));
        });
    }

    /** Only the disks that are reverted have something to lose. */
    private Run keep(Snapshot snapshot, Safety safety) {
        try (StoredSnapshot stored = open(snapshot)) {
            Set<String> others = new HashSet<>();
            stored.domain().disks().stream().map(Disk::target).forEach(others::add);
            snapshot.volumes().stream().map(RunVolume::disk).forEach(others::remove);
            SnapshotOptions asked = safety.options();
            return safety.take()
                    .of(
                            stored.domain(),
                            safety.id(),
                            new SnapshotOptions(
                                    asked.required(),
                                    asked.standard(),
                                    others,
                                    asked.freezeLimit(),
                                    asked.thawLimit()));
        }
    }

    private static void requireOff(StoredSnapshot stored) {
        DomainState state = stored.domain().state();
        if (state != DomainState.SHUT_OFF) {
            throw JobStopped.untouched(
                    ErrorCode.VM_STATE,
                    "vm '%s' is not off: a machine that runs would go on with what it has of its disks in memory"
                            .formatted(stored.snapshot().vmName()),
                    "shut it down ('virsh shutdown'), then try again");
        }
    }

    private static void requireStillOff(StoredSnapshot stored) {
        try {
            requireOff(stored);
        } catch (JobStopped e) {
            throw e.midway();
        }
    }

    private static boolean wasStarted(Domain domain) {
        try {
            return domain.state() != DomainState.SHUT_OFF;
        } catch (RuntimeException e) {
            // not known now: whoever goes on with the job asks again before it does anything
            return false;
        }
    }

    private static Problem notKept(Snapshot snapshot, Run run) {
        Problem cause = run.result()
                .error()
                .map(Problem::of)
                .orElse(new Problem(ErrorCode.SNAPSHOT, "it ended as " + run.state(), ""));
        return new Problem(
                cause.code(),
                "vm '%s' was not reverted: no safety snapshot could be taken: %s"
                        .formatted(snapshot.vmName(), cause.message()),
                cause.hint().isEmpty()
                        ? "revert without one with --no-safety: what the machine has now is lost then"
                        : cause.hint() + "; or revert with --no-safety: what the machine has now is lost then");
    }

    /** The machine was started while it was defined anew, or a disk of it is elsewhere since. */
    private static Problem halfDefined(Job job) {
        return new Problem(
                ErrorCode.VM_STATE,
                "%s has changed the definition of vm '%s', but not all of its disks are what it leads to"
                        .formatted(JobWords.of(job), job.vmName()),
                "shut it down, bring back a disk that was detached, and 'stillframe reconcile --retry' finds it done; or 'stillframe reconcile --abandon %s --yes' ends it with the disks as they are"
                        .formatted(job.id().value()));
    }

    private static Problem brokenOff(Job job) {
        return new Problem(
                ErrorCode.VM_STATE,
                "%s was broken off, and whether it had come to its end is not known: the disks of vm '%s' may be a mixture, or hold what it has written since"
                        .formatted(JobWords.of(job), job.vmName()),
                "'stillframe reconcile --abandon %s --yes' ends it with the disks as they are; a revert begun anew keeps what they hold by a snapshot taken first"
                        .formatted(job.id().value()));
    }

    private static Problem goesOn(Problem problem, Job job) {
        return new Problem(
                problem.code(),
                problem.message(),
                "do not start vm '%s' before that%s"
                        .formatted(job.vmName(), problem.hint().isEmpty() ? "" : "; " + problem.hint()));
    }
}
