package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.storage.Relatives;
import java.util.List;
import java.util.Optional;

/**
 * Removes a snapshot; the moments before and after it stay.
 *
 * <p>Crash argument: once something was removed, the snapshot's content is no more, so a removal goes only forward. The
 * journal calls the snapshot REMOVING from before the first effect, and nobody is offered it any more; whoever comes next
 * asks the storage to remove what is left.
 */
public final class DeleteSnapshot {
    private final Workplace place;

    public DeleteSnapshot(Workplace place) {
        this.place = place;
    }

    /** Removes it, or says why not. */
    public JobResult of(Snapshot snapshot, RunId id) {
        return JobResult.attempted(() -> {
            Admission.requireSettled(place.journal(), snapshot);
            requireClosed(snapshot);
            try (StoredSnapshot stored =
                    StoredSnapshot.open(place.machines(), snapshot, place.pace().bytesPerSecond())) {
                KnownRelatives known = new KnownRelatives(place.journal(), snapshot);
                List<JobChange> changes =
                        stored.plan((store, volume) -> store.planRemoval(volume, known.of(volume.driver())));
                return resume(
                        Undertaking.begin(
                                place, snapshot, new Undertaking.Intent(id, JobKind.REMOVE, Optional.empty(), changes)),
                        stored);
            }
        });
    }

    /**
     * Removes the record alone, of a machine that is no more and whose storage may be, too: nothing of its volumes is touched,
     * and they are nobody's from then on.
     */
    public JobResult forget(Snapshot snapshot, RunId id) {
        return JobResult.attempted(() -> {
            Admission.requireSettled(place.journal(), snapshot);
            requireClosed(snapshot);
            try (Domain domain = StoredSnapshot.domain(place.machines(), snapshot)) {
                if (!(domain instanceof GoneMachine)) {
                    throw JobStopped.untouched(
                            ErrorCode.VM_STATE,
                            "snapshot %s was not forgotten: vm '%s' is there"
                                    .formatted(snapshot.id(), snapshot.vmName()),
                            "delete it, without --forget");
                }
                return Undertaking.begin(
                                place,
                                snapshot,
                                new Undertaking.Intent(id, JobKind.REMOVE, Optional.empty(), List.of()))
                        .done();
            }
        });
    }

    /** Removes what is left of it. */
    JobResult resume(Undertaking job, StoredSnapshot stored) {
        try {
            remove(job.job(), stored);
            return job.done();
        } catch (RuntimeException e) {
            JobStopped stopped = JobStopped.of(e, job.job());
            return stopped.isUntouched() && job.isFirst() ? job.failed(stopped.problem()) : job.left(stopped.problem());
        }
    }

    private void remove(Job job, StoredSnapshot stored) {
        KnownRelatives known = new KnownRelatives(place.journal(), stored.snapshot());
        stored.each(job.changes(), (part, change) -> {
            Relatives relatives = known.of(part.volume().driver());
            return place.pace()
                    .during(
                            JobWords.doing(job, change.disk()),
                            meter -> part.store().remove(part.volume(), change, relatives, meter));
        });
    }

    private static void requireClosed(Snapshot snapshot) {
        if (snapshot.state() == SnapshotState.PRESENT && snapshot.openedAt().isPresent()) {
            throw JobStopped.untouched(
                    ErrorCode.SNAPSHOT_STATE,
                    "snapshot %s of vm '%s' is open since %s"
                            .formatted(
                                    snapshot.id(),
                                    snapshot.vmName(),
                                    snapshot.openedAt().get()),
                    "close it with 'stillframe close %s'".formatted(snapshot.id()));
        }
    }
}
