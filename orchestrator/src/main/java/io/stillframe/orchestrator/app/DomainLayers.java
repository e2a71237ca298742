package io.stillframe.orchestrator.app;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The qcow2 driver's view of a domain. */
final class DomainLayers implements ActiveLayers {
    private final Hypervisor hypervisor;
    private final Domain domain;
    private final LayerMerge merge;

    DomainLayers(Hypervisor hypervisor, Domain domain, Timing timing) {
        this.hypervisor = hypervisor;
        this.domain = domain;
        this.merge = new LayerMerge(domain, timing);
    }

    /** One that has no definition is there for as long as it runs. */
    @Override
    public boolean isThere() {
        return domain.persistent() || domain.state() != DomainState.SHUT_OFF;
    }

    @Override
    public List<Path> chain(String disk) {
        return disk(domain.disks(), disk).map(DomainLayers::chain).orElse(List.of());
    }

    @Override
    public Optional<Path> defined(String disk) {
        return disk(domain.definedDisks(), disk).flatMap(Disk::source).map(Path::of);
    }

    @Override
    public Optional<Layer> definedLayer(String disk) {
        return disk(domain.definedDisks(), disk)
                .flatMap(found -> found.source().map(source -> new Layer(Path.of(source), found.format())));
    }

    @Override
    public boolean hasJob(String disk) {
        return domain.state() != DomainState.SHUT_OFF && domain.blockJob(disk).isPresent();
    }

    /**
     * Asking a machine for a block job takes libvirt's lock on it, which a snapshot under way holds to its end; of one that
     * is off libvirt says so only then (qemuDomainGetBlockJobInfo).
     */
    @Override
    public void settle(String disk) {
        try {
            domain.blockJob(disk);
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.NOT_RUNNING) {
                throw e;
            }
        }
    }

    @Override
    public Outcome switchTo(List<Overlay> overlays) {
        return effect(() -> domain.switchTo(overlays.stream()
                .map(overlay -> new DiskOverlay(overlay.disk(), overlay.file()))
                .toList()));
    }

    /** The next start of a machine whose memory is saved goes on with the images as they were. */
    @Override
    public Power power() {
        return switch (domain.state()) {
            case RUNNING, PAUSED -> Power.ON;
            case SHUT_OFF -> domain.hasSavedState() ? Power.UNCLEAR : Power.OFF;
            case OTHER -> Power.UNCLEAR;
        };
    }

    @Override
    public Map<String, List<Layer>> otherUsers(String disk) {
        Map<String, List<Layer>> others = new LinkedHashMap<>();
        hypervisor.disks().forEach((id, disks) -> {
            boolean own = id.uuid().equals(domain.id().uuid());
            disks.stream()
                    .filter(used -> !(own && used.target().equals(disk)))
                    .forEach(used -> others.computeIfAbsent(
                                    own ? "its own disk " + used.target() : id.name(), any -> new ArrayList<>())
                            .addAll(layers(used)));
        });
        return others;
    }

    @Override
    public Outcome mergeActive(Overlay overlay, long bytesPerSecond, Meter meter) {
        return unlessOff(
                overlay, () -> merge.beginActive(overlay, bytesPerSecond), () -> merge.endActive(overlay, meter));
    }

    @Override
    public Outcome mergeLower(Overlay layer, long bytesPerSecond, Meter meter) {
        return unlessOff(layer, () -> merge.beginLower(layer, bytesPerSecond), () -> merge.endLower(layer, meter));
    }

    @Override
    public Outcome redefine(String disk, Layer image) {
        return effect(() -> domain.redefine(
                List.of(new DiskImage(disk, DiskImage.Kind.FILE, image.file().toAbsolutePath(), image.format()))));
    }

    /** Once a job runs the lower image is being written to: whatever comes after cannot say that nothing was changed. */
    private Outcome unlessOff(Overlay overlay, Runnable begin, Runnable rest) {
        if (domain.state() == DomainState.SHUT_OFF) {
            return new Outcome.Refused("the machine is off: %s cannot be merged into %s while nobody runs it"
                    .formatted(overlay.file(), overlay.base()));
        }
        Outcome begun = effect(begin);
        if (!(begun instanceof Outcome.Done)) {
            return begun;
        }
        try {
            rest.run();
            return begun;
        } catch (GuestException e) {
            return new Outcome.Indeterminate("the merge of %s has begun: %s".formatted(overlay.file(), e.getMessage()));
        }
    }

    private static Outcome effect(Runnable call) {
        try {
            call.run();
            return new Outcome.Done();
        } catch (GuestException e) {
            return e.failure().effectUnknown()
                    ? new Outcome.Indeterminate(e.getMessage())
                    : new Outcome.Refused(e.getMessage());
        }
    }

    private static Optional<Disk> disk(List<Disk> disks, String target) {
        return disks.stream().filter(disk -> disk.target().equals(target)).findFirst();
    }

    private static List<Path> chain(Disk disk) {
        return layers(disk).stream().map(Layer::file).toList();
    }

    private static List<Layer> layers(Disk disk) {
        List<Layer> layers = new ArrayList<>();
        disk.source().ifPresent(source -> layers.add(new Layer(Path.of(source), disk.format())));
        disk.backing().forEach(below -> layers.add(new Layer(Path.of(below.source()), below.format())));
        return layers;
    }
}
