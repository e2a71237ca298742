package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.util.Optional;
import java.util.UUID;

/** Whether work may begin at all, by the journal alone: one thing at a time happens to a machine's images. */
public final class Admission {
    private Admission() {}

    /**
     * A job of this machine that was begun and has not come to its end: nothing is laid on what it may still move. A revert
     * that is left to an operator may still move all of it.
     */
    public static Optional<Job> unfinishedJob(Journal journal, UUID vm) {
        return journal.unfinishedJobs().stream()
                .filter(job -> job.vm().equals(vm))
                .filter(job -> job.state() == JobState.BEGUN || job.kind() == JobKind.REVERT)
                .findFirst();
    }

    /** Why no run of this machine may begin while that job is unfinished. */
    public static Problem unsettled(Job job) {
        return new Problem(
                ErrorCode.UNSETTLED,
                "no snapshot of vm '%s' was taken: %s (job %s) has begun and is not finished"
                        .formatted(job.vmName(), JobWords.of(job), job.id().value()),
                "see 'stillframe reconcile'");
    }

    /** @throws JobStopped when a run or another job of the machine has not come to its end */
    static void requireSettled(Journal journal, Snapshot snapshot) {
        Optional<Run> run = journal.unfinished().stream()
                .filter(of -> of.vm().equals(snapshot.vm()) && of.state() != RunState.QUARANTINED)
                .findFirst();
        if (run.isPresent()) {
            throw unsettled(
                    snapshot,
                    "its run %s was cut short as %s and could not be settled"
                            .formatted(run.get().id().value(), run.get().state()));
        }
        Optional<Job> job = journal.unfinishedJobs().stream()
                .filter(of -> of.vm().equals(snapshot.vm()))
                .findFirst();
        if (job.isPresent()) {
            throw unsettled(
                    snapshot,
                    "%s (job %s) is %s"
                            .formatted(
                                    JobWords.of(job.get()),
                                    job.get().id().value(),
                                    job.get().state()));
        }
    }

    /** @throws JobStopped when there is no content that could be read */
    static void requirePresent(Snapshot snapshot) {
        if (snapshot.state() == SnapshotState.PRESENT) {
            return;
        }
        boolean lost = snapshot.state() == SnapshotState.LOST;
        throw JobStopped.untouched(
                ErrorCode.SNAPSHOT_STATE,
                "snapshot %s of vm '%s' %s"
                        .formatted(
                                snapshot.id(),
                                snapshot.vmName(),
                                lost ? "was lost by its storage" : "is being removed: its content may be no more"),
                lost
                        ? "remove its record with 'stillframe delete %s'".formatted(snapshot.id())
                        : "see 'stillframe reconcile'");
    }

    private static JobStopped unsettled(Snapshot snapshot, String what) {
        return JobStopped.untouched(
                ErrorCode.UNSETTLED,
                "snapshot %s of vm '%s' was not touched: %s".formatted(snapshot.id(), snapshot.vmName(), what),
                "see 'stillframe reconcile'");
    }
}
