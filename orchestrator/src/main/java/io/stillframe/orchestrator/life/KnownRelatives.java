package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.JobState;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.workflow.Recorded;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.VolumeSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the journal knows of the machine that a snapshot is of, read once, for each driver's volumes. Whatever is read here of
 * runs and jobs that are over has to be spared where history is pruned ({@link Journal#expired}).
 */
final class KnownRelatives {
    private final List<Snapshot> others;
    private final List<Job> reverts;
    private final List<Run> runs;
    private final Map<RunId, List<RunVolume>> volumes;

    KnownRelatives(Journal journal, Snapshot snapshot) {
        Optional<String> vm = Optional.of(snapshot.vm().toString());
        others = journal.snapshots(vm).stream()
                .filter(other -> !other.run().equals(snapshot.run()))
                .toList();
        reverts = journal.jobs(vm).stream()
                .filter(job -> job.kind() == JobKind.REVERT)
                .toList();
        volumes = journal.volumes(snapshot.vm());
        runs = journal.runs(vm);
    }

    /** @param driver whose volumes are asked for: of another one's a guest may be what writes the file's header */
    Relatives of(String driver) {
        Set<String> written = new HashSet<>();
        Set<String> givenUp = new HashSet<>();
        for (Job revert : reverts) {
            revert.changes().stream()
                    .filter(change -> change.driver().equals(driver))
                    .forEach(change -> {
                        written.add(change.to());
                        if (revert.state() == JobState.DONE && !change.from().equals(change.to())) {
                            givenUp.add(change.from());
                        }
                    });
        }
        for (Run run : runs) {
            for (RunVolume volume : of(driver, volumes.getOrDefault(run.id(), List.of()))) {
                written.add(volume.active());
                // somebody took up again what was given up, and a snapshot was taken of it
                if (reverts.stream().anyMatch(revert -> gaveUp(revert, volume) && isLater(run, revert))) {
                    givenUp.remove(volume.snapshot());
                }
            }
        }
        List<VolumeSnapshot> snapshots = others.stream()
                .flatMap(other -> of(driver, other.volumes()).stream())
                .map(Recorded::planned)
                .toList();
        return new Relatives(snapshots, written, givenUp);
    }

    private static List<RunVolume> of(String driver, List<RunVolume> volumes) {
        return volumes.stream().filter(volume -> volume.driver().equals(driver)).toList();
    }

    private static boolean gaveUp(Job revert, RunVolume volume) {
        return revert.changes().stream().map(JobChange::from).anyMatch(volume.snapshot()::equals);
    }

    private static boolean isLater(Run run, Job job) {
        return job.endedAt().filter(run.startedAt()::isAfter).isPresent();
    }
}
