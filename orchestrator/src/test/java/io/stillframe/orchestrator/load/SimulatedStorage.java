package io.stillframe.orchestrator.load;

import io.stillframe.orchestrator.proof.RawDisks;
import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.View;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The storage of one machine with one disk: it names things as the driver for qcow2 does, and has everything done at once. */
final class SimulatedStorage {
    private static final Outcome DONE = new Outcome.Done();

    private final String image;
    private volatile String active;

    SimulatedStorage(String image) {
        this.image = image;
        this.active = image;
    }

    Driver driver() {
        return new Driver();
    }

    Store store() {
        return new Store();
    }

    static String image(String vm) {
        return "/var/lib/libvirt/images/%s.qcow2".formatted(vm);
    }

    static VolumeSnapshot planned(String image, String active, String label) {
        String overlay = image.replaceFirst("\\.qcow2$", ".%s.qcow2".formatted(label));
        return new VolumeSnapshot("vda", "qcow2", active, "qcow2", overlay, Quiesce.NOTHING);
    }

    /** Takes its snapshots. */
    final class Driver implements StorageDriver {
        @Override
        public String name() {
            return "qcow2";
        }

        @Override
        public Probe probe(Volume volume) {
            return new Probe.Usable(List.of());
        }

        @Override
        public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
            return List.of(planned(image, active, label));
        }

        @Override
        public Outcome prepare(List<VolumeSnapshot> planned) {
            return DONE;
        }

        @Override
        public boolean atomic(List<VolumeSnapshot> planned) {
            return true;
        }

        @Override
        public Outcome quiesce(List<VolumeSnapshot> planned) {
            return DONE;
        }

        @Override
        public Outcome create(List<VolumeSnapshot> planned) {
            active = planned.get(0).active();
            return DONE;
        }

        @Override
        public Presence find(List<VolumeSnapshot> planned) {
            return Presence.PRESENT;
        }

        @Override
        public Outcome update(List<VolumeSnapshot> planned) {
            return DONE;
        }

        @Override
        public Outcome verify(List<VolumeSnapshot> planned) {
            return DONE;
        }

        @Override
        public Outcome discard(List<VolumeSnapshot> planned) {
            return DONE;
        }
    }

    /** Has its snapshots. */
    final class Store implements SnapshotStore {
        @Override
        public String name() {
            return "qcow2";
        }

        @Override
        public Condition condition(VolumeSnapshot snapshot) {
            return new Condition.Present(OptionalLong.of(1 << 20), OptionalDouble.empty());
        }

        @Override
        public View open(VolumeSnapshot snapshot) {
            return new View.Opened(RawDisks.ext4(true));
        }

        @Override
        public Outcome close(VolumeSnapshot snapshot) {
            return DONE;
        }

        @Override
        public Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives) {
            return new Plan.Ready(
                    new Change(snapshot.disk(), snapshot.active(), snapshot.snapshot(), snapshot.format()));
        }

        @Override
        public Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
            if (active.equals(change.from())) {
                active = change.to();
            }
            return DONE;
        }

        @Override
        public Plan planClone(VolumeSnapshot snapshot, String label) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Outcome removeClone(VolumeSnapshot snapshot, Change change) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Plan planRevert(VolumeSnapshot snapshot, String label) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Outcome giveUpRevert(VolumeSnapshot snapshot, Change change) {
            throw new UnsupportedOperationException();
        }
    }
}
