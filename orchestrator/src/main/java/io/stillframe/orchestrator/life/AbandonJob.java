package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.RunError;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.exec.CommandException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Ends a job that can come to no end, at the operator's word: its machine is no more, say, or is to stay as it is. Of a
 * revert the storage lets go of what only that needed, as far as it can be reached; of a removal it is asked what it has moved
 * already. Nothing else but the journal is touched.
 *
 * <p>Crash argument: a snapshot whose removal had begun may be a mixture. It is recorded as lost with the end of the
 * job, in one, so that at no moment it is offered; and what was given up is not found again by what its storage says ({@link
 * #wasGivenUp}). A revert of which the storage has let go, and which is not yet ended, is ended by the next attempt.
 */
public final class AbandonJob {
    private final Journal journal;
    private final Supplier<Machines> machines;
    private final Clock clock;

    /** @param machines may throw where libvirt does not answer; not asked for of a clone */
    public AbandonJob(Journal journal, Supplier<Machines> machines, Clock clock) {
        this.journal = journal;
        this.machines = machines;
        this.clock = clock;
    }

    /**
     * What came of it.
     *
     * @param leftovers what a revert has made and could not be removed, in words for people
     */
    public record Abandoned(Job job, List<String> leftovers) {}

    /** What giving it up means, as the end of a sentence that begins with what the job is. */
    public static String consequence(Job job) {
        return switch (job.kind()) {
            case CLONE -> "what it has made so far stays, and nobody removes it: " + names(job);
            case REVERT ->
                RevertSnapshot.isTakenBack(job)
                        ? "the machine stays as it is defined"
                        : "the machine stays as it is, with disks that may be a mixture of what it had and of the snapshot";
            case REMOVE -> "the snapshot counts as lost, for it may be a mixture; it can be deleted again later";
        };
    }

    /**
     * Journals that nobody goes on with a job, and what that means for its snapshot.
     *
     * @throws GuestException where libvirt cannot be asked about a removal; nothing was changed
     * @throws CommandException where its storage cannot
     * @throws JournalException when it could not be journaled, or the job has come to its end meanwhile
     */
    public Abandoned of(Job job) {
        List<String> leftovers = job.kind() == JobKind.REVERT ? letGo(job) : List.of();
        List<JobChange> made = job.kind() == JobKind.REMOVE ? made(job) : List.of();
        RunError word = new RunError(
                ErrorCode.ABANDONED.name(),
                "%s was given up by the operator: %s%s"
                        .formatted(
                                JobWords.of(job),
                                consequence(job),
                                leftovers.isEmpty() ? "" : "; left of it: " + String.join("; ", leftovers)),
                "");
        Job ended = journal.giveUp(job, clock.instant(), word, made);
        journal.force();
        return new Abandoned(ended, leftovers);
    }

    /** Of a removal that has merged an image, another snapshot that had its content there has it elsewhere by now. */
    private List<JobChange> made(Job job) {
        Optional<Snapshot> snapshot = Undertaking.subject(journal, job);
        if (snapshot.isEmpty()
                || job.changes().stream().allMatch(change -> change.from().equals(change.to()))) {
            return List.of();
        }
        try (StoredSnapshot stored = StoredSnapshot.open(machines.get(), snapshot.get(), OptionalLong.empty())) {
            KnownRelatives known = new KnownRelatives(journal, snapshot.get());
            return stored.those(
                    job.changes(),
                    (part, change) -> part.store()
                            .isMoved(
                                    part.volume(),
                                    change,
                                    known.of(part.volume().driver())));
        } catch (JobStopped | UncheckedIOException e) {
            throw new CommandException(
                    "what %s has merged cannot be told: %s".formatted(JobWords.of(job), e.getMessage()));
        }
    }

    private List<String> letGo(Job job) {
        Optional<Snapshot> snapshot = Undertaking.subject(journal, job);
        if (snapshot.isEmpty()) {
            return List.of();
        }
        try (StoredSnapshot stored = StoredSnapshot.open(machines.get(), snapshot.get(), OptionalLong.empty())) {
            return stored.every(job.changes(), (part, change) -> part.store().giveUpRevert(part.volume(), change));
        } catch (RuntimeException e) {
            // the operator's word ends the job, whatever cannot be reached
            return List.of("whatever it has made on its storage: " + e.getMessage());
        }
    }

    /** Whether a snapshot's removal was given up after it had begun: whole or not, nobody can tell. */
    static boolean wasGivenUp(Journal journal, Snapshot snapshot) {
        return journal.jobs(Optional.of(snapshot.vm().toString())).stream()
                .filter(job -> job.kind() == JobKind.REMOVE && job.snapshot().equals(snapshot.run()))
                .flatMap(job -> job.error().stream())
                .anyMatch(error -> error.code().equals(ErrorCode.ABANDONED.name()));
    }

    private static String names(Job job) {
        return job.changes().stream().map(change -> change.to()).collect(Collectors.joining(", "));
    }
}
