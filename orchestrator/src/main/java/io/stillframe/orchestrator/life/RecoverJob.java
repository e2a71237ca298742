package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Brings a job to its end whose own process did not, by the code that began it: a clone is taken back unless it is whole,
 * a removal is carried through, and a revert taken back unless it is done, or nothing tells whether it is.
 */
public final class RecoverJob {
    private final Journal journal;
    private final Supplier<Machines> machines;
    private final Clock clock;
    private final Pace pace;

    /** @param machines asked for only when there is a job to go on with */
    public RecoverJob(Journal journal, Supplier<Machines> machines, Clock clock, Pace pace) {
        this.journal = journal;
        this.machines = machines;
        this.clock = clock;
        this.pace = pace;
    }

    /** What would be done for a job. */
    public static String planned(Job job) {
        return switch (job.kind()) {
            case CLONE -> "what it made would be removed, unless it is whole";
            case REVERT ->
                isCarriedOn(job)
                        ? "it would be taken back, unless it is done"
                        : "it would be left to an operator, who can end it";
            case REMOVE -> "it would be carried through";
        };
    }

    /** Whether whoever comes next goes on with it; else only an operator can end it. */
    static boolean isCarriedOn(Job job) {
        return job.kind() != JobKind.REVERT || RevertSnapshot.isTakenBack(job);
    }

    /** Goes on with a job; one that cannot be brought to its end now stays as it is. */
    public JobResult of(Job job) {
        Workplace place = new Workplace(journal, machines.get(), clock, pace);
        Undertaking undertaking = Undertaking.resume(place, job);
        Optional<Snapshot> snapshot = Undertaking.subject(journal, job);
        if (snapshot.isEmpty()) {
            return undertaking.quarantined(new Problem(
                    ErrorCode.UNKNOWN_RUN,
                    "the journal no longer has the snapshot of %s".formatted(JobWords.of(job)),
                    "see 'stillframe show %s' for what it was about"
                            .formatted(job.id().value())));
        }
        try (StoredSnapshot stored = StoredSnapshot.open(place.machines(), snapshot.get(), pace.bytesPerSecond())) {
            if (stored.isMachineGone() && job.kind() == JobKind.REVERT) {
                stored.requireMachine("there is nothing left to revert");
            }
            return switch (job.kind()) {
                case CLONE -> new CloneSnapshot(place).resume(undertaking, stored);
                case REVERT -> new RevertSnapshot(place).carry(undertaking, stored);
                case REMOVE -> new DeleteSnapshot(place).resume(undertaking, stored);
            };
        } catch (JobStopped e) {
            return isGone(e) && job.state() != JobState.QUARANTINED
                    ? undertaking.quarantined(e.problem())
                    : undertaking.left(e.problem());
        } catch (RuntimeException e) {
            return undertaking.left(JobStopped.of(e, job).problem());
        }
    }

    private static boolean isGone(JobStopped stopped) {
        return stopped.problem().code() == ErrorCode.UNKNOWN_VM;
    }
}
