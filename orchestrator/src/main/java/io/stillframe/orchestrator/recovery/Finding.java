package io.stillframe.orchestrator.recovery;

import io.stillframe.db.Job;
import io.stillframe.db.RunId;
import java.util.List;
import java.util.Optional;

/**
 * Something that recovery met, and what came of it.
 *
 * @param vm the machine's name as it was last known; empty where it is about the journal
 * @param run the run that it is about, if it is about one
 * @param job the job that it is about, if it is about one
 * @param detail what was found and done, in words for people
 */
public record Finding(Status status, Optional<String> vm, Optional<RunId> run, Optional<RunId> job, String detail) {
    /** From "nothing more to do" to "a guest may be frozen". */
    public enum Status {
        /** It was put right. */
        DONE,
        /** It would be put right. */
        PLANNED,
        /** It was not touched, and another time it may be. */
        SKIPPED,
        /** An operator has to decide. */
        NEEDS_OPERATOR,
        /** The guest may still be frozen. */
        MAY_BE_FROZEN
    }

    /** About the journal. */
    public static Finding ofJournal(Status status, String detail) {
        return new Finding(status, Optional.empty(), Optional.empty(), Optional.empty(), detail);
    }

    static Finding of(Status status, String vm, String detail) {
        return new Finding(status, Optional.of(vm), Optional.empty(), Optional.empty(), detail);
    }

    static Finding of(Status status, String vm, RunId run, String detail) {
        return new Finding(status, Optional.of(vm), Optional.of(run), Optional.empty(), detail);
    }

    /** A job that was ended at the operator's word; what is left of it is theirs to remove. */
    public static Finding abandoned(Job job, String detail, List<String> leftovers) {
        return leftovers.isEmpty()
                ? ofJob(Status.DONE, job.vmName(), job.id(), detail)
                : ofJob(
                        Status.NEEDS_OPERATOR,
                        job.vmName(),
                        job.id(),
                        "%s; left of it: %s".formatted(detail, String.join("; ", leftovers)));
    }

    static Finding ofJob(Status status, String vm, RunId job, String detail) {
        return new Finding(status, Optional.of(vm), Optional.empty(), Optional.of(job), detail);
    }
}
