package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobKind;
import io.stillframe.db.Snapshot;

/** What a job is about, for people. */
public final class JobWords {
    private JobWords() {}

    /** {@code the removal of snapshot sf-… of vm 'db01'}. */
    public static String of(Job job) {
        return of(job.kind(), job.snapshot().label(), job.vmName());
    }

    static String of(JobKind kind, Snapshot snapshot) {
        return of(kind, snapshot.id(), snapshot.vmName());
    }

    private static String of(JobKind kind, String snapshot, String vm) {
        return switch (kind) {
            case CLONE -> "the clone of snapshot %s of vm '%s'".formatted(snapshot, vm);
            case REVERT -> "the revert of vm '%s' to snapshot %s".formatted(vm, snapshot);
            case REMOVE -> "the removal of snapshot %s of vm '%s'".formatted(snapshot, vm);
        };
    }

    /** What its work is, beside a progress bar. */
    static String doing(Job job, String disk) {
        String verb =
                switch (job.kind()) {
                    case CLONE -> "cloning";
                    case REVERT -> "reverting";
                    case REMOVE -> "removing";
                };
        return "%s %s %s".formatted(verb, job.snapshot().label(), disk);
    }
}
