package io.stillframe.storage;

import java.util.List;

/** A driver that knows the disks of one format, and does nothing with them. */
public record FormatDriver(String name, String format) implements StorageDriver {
    @Override
    public Probe probe(Volume volume) {
        return volume.format().equals(format) ? new Probe.Usable(List.of()) : new Probe.NotMine();
    }

    @Override
    public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
        return List.of();
    }

    @Override
    public Outcome prepare(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public boolean atomic(List<VolumeSnapshot> planned) {
        return true;
    }

    @Override
    public Outcome quiesce(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome create(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        return Presence.ABSENT;
    }

    @Override
    public Outcome update(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome discard(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }
}
