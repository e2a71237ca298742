package io.stillframe.orchestrator.workflow;

import io.stillframe.db.RunVolume;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.VolumeSnapshot;

/** A volume's snapshot in its two shapes: the storage's, and the journal's, which knows nothing of storage. */
public final class Recorded {
    private Recorded() {}

    /** As the journal keeps it. */
    public static RunVolume of(VolumeSnapshot planned) {
        return new RunVolume(
                planned.disk(),
                planned.driver(),
                planned.snapshot(),
                planned.format(),
                planned.active(),
                planned.quiesce().name());
    }

    /** As the storage knows it. */
    public static VolumeSnapshot planned(RunVolume of) {
        return new VolumeSnapshot(
                of.disk(), of.driver(), of.snapshot(), of.format(), of.active(), Quiesce.valueOf(of.quiesce()));
    }
}
