package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.workflow.Recorded;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.VolumeSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the journal knows of the machine that a snapshot is of. */
final class KnownRelatives {
    private KnownRelatives() {}

    static Relatives of(Journal journal, Snapshot snapshot) {
        Optional<String> vm = Optional.of(snapshot.vm().toString());
        List<VolumeSnapshot> others = journal.snapshots(vm).stream()
                .filter(other -> !other.run().equals(snapshot.run()))
                .flatMap(other -> other.volumes().stream())
                .map(Recorded::planned)
                .toList();
        Set<String> written = new HashSet<>();
        for (Run run : journal.runs(vm)) {
            journal.volumes(run.id()).stream().map(RunVolume::active).forEach(written::add);
        }
        for (Job job : journal.jobs(vm)) {
            if (job.kind() == JobKind.REVERT) {
                job.changes().stream().map(JobChange::to).forEach(written::add);
            }
        }
        return new Relatives(others, written);
    }
}
