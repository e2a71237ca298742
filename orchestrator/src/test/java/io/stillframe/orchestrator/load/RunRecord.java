package io.stillframe.orchestrator.load;

import io.stillframe.db.Evidence;
import io.stillframe.db.Intent;
import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.Transition;
import io.stillframe.guest.DomainId;
import io.stillframe.storage.VolumeSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Everything that a real run of the workflow left in the journal, to be written again for other machines at other times. */
record RunRecord(Run run, Intent intent, List<Transition> transitions, List<Evidence> evidence) {
    /** What the ids of copies begin with, and no others. */
    static final String COPIED = "z";

    /** Of the only run in a journal. */
    static RunRecord of(Journal journal) {
        Run run = journal.runs(Optional.empty()).get(0);
        if (run.state() != RunState.COMPLETED) {
            throw new IllegalStateException("the model of all runs has ended as " + run);
        }
        return new RunRecord(
                run, journal.intent(run.id()).orElseThrow(), journal.transitions(run.id()), journal.evidence(run.id()));
    }

    /** Writes the same run once more, step by step, as the workflow does; but nothing waits for the disk. */
    void repeat(Journal journal, RunId id, DomainId vm, VolumeSnapshot made, Instant at) {
        Run now = journal.plan(id, vm.uuid(), vm.name(), at);
        journal.intend(
                id,
                new Intent(
                        Optional.of(vm.name()),
                        intent.required(),
                        intent.filesystems(),
                        intent.freezeLimit(),
                        intent.evidence(),
                        List.of(new RunVolume(
                                made.disk(),
                                made.driver(),
                                made.snapshot(),
                                made.format(),
                                made.active(),
                                made.quiesce().name())),
                        intent.held()));
        for (Transition next : transitions.subList(1, transitions.size())) {
            Instant then = at.plus(Duration.between(transitions.get(0).at(), next.at()));
            now = switch (next.state()) {
                case FROZEN -> journal.froze(now, run.frozen().orElseThrow(), then);
                case RELEASED -> journal.released(now, then, run.result(), evidence);
                case COMPLETED -> journal.end(now, RunState.COMPLETED, then, run.result(), evidence);
                default -> journal.advance(now, next.state(), then);
            };
        }
    }

    /** Removes a snapshot as the job for it does. */
    static void remove(Journal journal, Snapshot snapshot, RunId id, Instant at) {
        RunVolume volume = snapshot.volumes().get(0);
        Job job = journal.begin(new Job(
                id,
                JobKind.REMOVE,
                snapshot.run(),
                snapshot.vm(),
                snapshot.vmName(),
                Optional.empty(),
                JobState.BEGUN,
                0,
                at,
                Optional.empty(),
                List.of(new JobChange(
                        volume.disk(), volume.driver(), volume.active(), volume.snapshot(), volume.format())),
                Optional.empty()));
        journal.finish(job, JobState.DONE, at.plusMillis(20), Optional.empty());
    }
}
