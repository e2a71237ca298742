package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import java.util.List;

/** What the drivers of thick and of thin volumes have in common: all but what one snapshot is made of. */
abstract class LvmDriver implements StorageDriver {
    final Lvm lvm;
    final BlockDevices devices;
    final Snapshots snapshots;
    final OwnVolumes own;

    LvmDriver(Lvm lvm, BlockDevices devices, String machine) {
        this.lvm = lvm;
        this.devices = devices;
        this.snapshots = new Snapshots(lvm, devices);
        this.own = new OwnVolumes(lvm, machine);
    }

    /** Does for one snapshot what can be done before the window. */
    abstract Outcome makeReady(VolumeSnapshot snapshot);

    /** Takes one snapshot. */
    abstract Outcome take(VolumeSnapshot snapshot);

    @Override
    public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
        return snapshots.plan(name(), label, volumes);
    }

    /** Whatever one command takes is of one volume. */
    @Override
    public boolean atomic(List<VolumeSnapshot> planned) {
        return planned.size() <= 1;
    }

    @Override
    public Outcome prepare(List<VolumeSnapshot> planned) {
        return snapshots.prepare(planned, this::makeReady);
    }

    /** LVM has the page cache of the origin written itself. */
    @Override
    public Outcome quiesce(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome create(List<VolumeSnapshot> planned) {
        return snapshots.create(planned, this::take);
    }

    @Override
    public Outcome resume(List<VolumeSnapshot> planned) {
        return snapshots.resume(planned);
    }

    @Override
    public Outcome update(List<VolumeSnapshot> planned) {
        return snapshots.update(planned);
    }

    @Override
    public Outcome discard(List<VolumeSnapshot> planned) {
        return snapshots.discard(planned, own);
    }
}
