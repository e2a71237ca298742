package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is done with snapshots, as the use cases do it: planned, carried out, the definition changed. */
abstract class Living extends Suite {
    private final Set<String> written = new HashSet<>();
    private final Set<String> givenUp = new HashSet<>();
    private final List<Change> moved = new ArrayList<>();

    Change planClone(VolumeSnapshot snapshot) {
        return ready(store().planClone(snapshot, Labels.next()));
    }

    Change revert(VolumeSnapshot snapshot) {
        Change change = planRevert(snapshot);
        assertThat(store().revert(snapshot, change, Meter.NONE)).isInstanceOfAny(Done.class, AlreadyDone.class);
        redefined(change);
        return change;
    }

    /** The machine is off for it. */
    Change planRevert(VolumeSnapshot snapshot) {
        try {
            backend.powerOff();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ready(store().planRevert(snapshot, Labels.next()));
    }

    void redefined(Change change) {
        written.add(change.to());
        givenUp.add(change.from());
        backend.redefine(change);
    }

    static Change ready(Plan plan) {
        assertThat(plan).isInstanceOf(Plan.Ready.class);
        return ((Plan.Ready) plan).change();
    }

    /** Afterwards other snapshots may be found somewhere else: {@link #now}. */
    Outcome remove(VolumeSnapshot snapshot, VolumeSnapshot... others) {
        Relatives relatives = relatives(snapshot, others);
        Plan plan = store().planRemoval(snapshot, relatives);
        if (!(plan instanceof Plan.Ready ready)) {
            return new Outcome.Refused(((Plan.Refused) plan).reason());
        }
        moved.add(ready.change());
        return store().remove(snapshot, ready.change(), relatives, Meter.NONE);
    }

    /** Where a snapshot is after what was removed since. */
    VolumeSnapshot now(VolumeSnapshot snapshot) {
        return moved.stream().reduce(snapshot, Living::after, (one, other) -> other);
    }

    private static VolumeSnapshot after(VolumeSnapshot snapshot, Change removal) {
        boolean goesAlong = snapshot.snapshot().equals(removal.from());
        return goesAlong
                ? new VolumeSnapshot(
                        snapshot.disk(),
                        snapshot.driver(),
                        removal.to(),
                        removal.format(),
                        snapshot.active(),
                        snapshot.quiesce())
                : snapshot;
    }

    Relatives relatives(VolumeSnapshot snapshot, VolumeSnapshot... others) {
        written.add(snapshot.active());
        List.of(others).forEach(other -> written.add(other.active()));
        return new Relatives(List.of(others), written, givenUp);
    }
}
