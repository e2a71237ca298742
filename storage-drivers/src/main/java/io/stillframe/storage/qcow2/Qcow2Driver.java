package io.stillframe.storage.qcow2;

import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Overlay;
import io.stillframe.storage.qcow2.OverlaySpace.Removal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * External overlays on file images, qcow2 and raw.
 *
 * <p>Crash argument: an overlay that no chain holds is an empty file of ours, and removing it loses nothing; an overlay
 * that a chain holds is never removed before it has been merged. QEMU's transaction makes the switch all or none, so
 * asking the machine for its active layers tells on which side of it we are.
 */
public final class Qcow2Driver implements StorageDriver {
    static final String NAME = "qcow2";

    private static final Set<String> FORMATS = Set.of("qcow2", "raw");

    private final ActiveLayers layers;
    private final Overlays overlays;
    private final OverlaySpace space;
    private final Limits limits;

    /**
     * How far this driver goes.
     *
     * @param minimumFree bytes that must be free where an overlay is put
     * @param maximumChain images that a chain may have after the snapshot; libvirt refuses more than 200
     */
    public record Limits(long minimumFree, int maximumChain) {}

    public Qcow2Driver(ActiveLayers layers, Commands commands, Limits limits) {
        this.layers = layers;
        this.space = new OverlaySpace();
        this.overlays = new Overlays(new QemuImg(commands), space);
        this.limits = limits;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean atomic(List<VolumeSnapshot> planned) {
        return true;
    }

    @Override
    public Probe probe(Volume volume) {
        if (!volume.kind().equals("file") || !FORMATS.contains(volume.format())) {
            return new Probe.NotMine();
        }
        return Qcow2Probe.of(volume, layers, space, limits);
    }

    @Override
    public List<VolumeSnapshot> plan(String label, List<Volume> volumes) {
        List<Path> overlays = OverlayName.all(
                volumes.stream().map(volume -> Path.of(volume.source())).toList(), label);
        List<VolumeSnapshot> planned = new ArrayList<>();
        for (int i = 0; i < volumes.size(); i++) {
            Volume volume = volumes.get(i);
            planned.add(new VolumeSnapshot(
                    volume.disk(),
                    name(),
                    volume.source(),
                    volume.format(),
                    overlays.get(i).toString(),
                    Quiesce.NOTHING));
        }
        return planned;
    }

    @Override
    public Outcome prepare(List<VolumeSnapshot> planned) {
        for (VolumeSnapshot snapshot : planned) {
            Layer base = new Layer(Path.of(snapshot.snapshot()), snapshot.format());
            Outcome made = overlays.make(Path.of(snapshot.active()), base);
            if (!(made instanceof Outcome.Done)) {
                return made;
            }
        }
        return new Outcome.Done();
    }

    /** QEMU's own transaction drains what is under way, and the same QEMU goes on reading the image below. */
    @Override
    public Outcome quiesce(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome create(List<VolumeSnapshot> planned) {
        Outcome switched =
                layers.switchTo(planned.stream().map(Qcow2Driver::overlay).toList());
        // looked at only now: the guest stands still, and a first call is the rule
        return switched instanceof Outcome.Refused && find(planned) == Presence.PRESENT
                ? new Outcome.AlreadyDone()
                : switched;
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        long present = planned.stream().filter(this::inChain).count();
        if (present == 0) {
            return Presence.ABSENT;
        }
        return present == planned.size() ? Presence.PRESENT : Presence.PARTIAL;
    }

    /** libvirt has updated the running machine and its definition with the switch. */
    @Override
    public Outcome update(List<VolumeSnapshot> planned) {
        return new Outcome.AlreadyDone();
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        String stray = planned.stream()
                .filter(snapshot -> !inChain(snapshot) || !isDefined(snapshot))
                .map(VolumeSnapshot::disk)
                .collect(Collectors.joining(", "));
        return stray.isEmpty()
                ? new Outcome.AlreadyDone()
                : new Outcome.Refused("the machine or its definition does not use the overlay of: " + stray);
    }

    @Override
    public Outcome discard(List<VolumeSnapshot> planned) {
        boolean changed = false;
        for (VolumeSnapshot snapshot : planned) {
            Outcome merged = detach(snapshot);
            if (!(merged instanceof Outcome.Done || merged instanceof Outcome.AlreadyDone)) {
                return merged;
            }
            Path overlay = Path.of(snapshot.active());
            Removal removal = overlays.remove(overlay, Path.of(snapshot.snapshot()));
            if (removal == Removal.IN_USE) {
                return new Outcome.Refused("QEMU has %s open, though libvirt does not say so".formatted(overlay));
            }
            changed |= removal == Removal.REMOVED;
        }
        return changed ? new Outcome.Done() : new Outcome.AlreadyDone();
    }

    /**
     * Takes the overlay out of the machine's chain and definition, where it is in them. A switch whose answer was lost
     * may still be under way, and its overlay must not be removed under it: only a settled chain tells the truth.
     */
    private Outcome detach(VolumeSnapshot snapshot) {
        layers.settle(snapshot.disk());
        Path overlay = Path.of(snapshot.active());
        List<Path> chain = layers.chain(snapshot.disk());
        if (chain.isEmpty() && space.exists(overlay)) {
            return new Outcome.Refused("the machine has no disk %s any more; %s may hold what was written to it"
                    .formatted(snapshot.disk(), snapshot.active()));
        }
        if (chain.contains(overlay)) {
            if (!chain.get(0).equals(overlay)) {
                return new Outcome.Refused(
                        "%s is no longer the active layer of %s".formatted(snapshot.active(), snapshot.disk()));
            }
            Outcome merged = layers.mergeActive(overlay(snapshot), 0, Meter.NONE);
            if (!(merged instanceof Outcome.Done)) {
                return merged;
            }
        }
        return isDefined(snapshot)
                ? new Outcome.Refused("the definition of the machine still uses " + snapshot.active())
                : new Outcome.AlreadyDone();
    }

    private boolean inChain(VolumeSnapshot snapshot) {
        return layers.chain(snapshot.disk()).contains(Path.of(snapshot.active()));
    }

    private boolean isDefined(VolumeSnapshot snapshot) {
        return layers.defined(snapshot.disk()).equals(Optional.of(Path.of(snapshot.active())));
    }

    private static Overlay overlay(VolumeSnapshot snapshot) {
        return new Overlay(snapshot.disk(), Path.of(snapshot.active()), Path.of(snapshot.snapshot()));
    }
}
