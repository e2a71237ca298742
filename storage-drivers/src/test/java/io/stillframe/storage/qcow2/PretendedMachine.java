package io.stillframe.storage.qcow2;

import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A machine with one disk, whose chain is what the headers of its images say, and whose definition may list it. */
final class PretendedMachine implements ActiveLayers {
    final Map<String, List<Layer>> others = new LinkedHashMap<>();
    /** Happens before each call that changes something, with its name. */
    Consumer<String> before = name -> {};

    Power power = Power.ON;
    boolean job;
    /** Whether it has the disk at all. */
    boolean detached;

    private boolean there = true;

    private final PretendedImages images;
    private Layer active;
    /** What the definition lists, where libvirt wrote it down. */
    private List<Path> listed = List.of();

    PretendedMachine(PretendedImages images, Layer active) {
        this.images = images;
        this.active = active;
    }

    Layer active() {
        return active;
    }

    /** Its definition lists the chain as it is now. */
    void list() {
        listed = running();
    }

    void redefine(Layer image) {
        active = image;
        listed = List.of();
    }

    private List<Path> running() {
        return ImageChain.of(active).layers().stream().map(Layer::file).toList();
    }

    /** It is undefined: its images stay. */
    void undefine() {
        power = Power.OFF;
        detached = true;
        there = false;
    }

    @Override
    public boolean isThere() {
        return there;
    }

    @Override
    public List<Path> chain(String disk) {
        if (detached) {
            return List.of();
        }
        if (power == Power.ON) {
            return running();
        }
        return listed.isEmpty() ? List.of(active.file()) : listed;
    }

    @Override
    public Optional<Path> defined(String disk) {
        return detached ? Optional.empty() : Optional.of(active.file());
    }

    @Override
    public Optional<Layer> definedLayer(String disk) {
        return detached ? Optional.empty() : Optional.of(active);
    }

    @Override
    public boolean hasJob(String disk) {
        return job;
    }

    @Override
    public void settle(String disk) {}

    @Override
    public Power power() {
        return power;
    }

    @Override
    public Map<String, List<Layer>> otherUsers(String disk) {
        return others;
    }

    @Override
    public Outcome switchTo(List<Overlay> overlays) {
        throw new AssertionError("no snapshot is taken here");
    }

    @Override
    public Outcome mergeActive(Overlay overlay, long bytesPerSecond, Meter meter) {
        before.accept("mergeActive");
        requireNeighbours(overlay);
        images.commit(overlay.file());
        active = new Layer(overlay.base(), formatOf(overlay.file()));
        forget(overlay.file());
        meter.at(1, 1);
        return new Outcome.Done();
    }

    @Override
    public Outcome mergeLower(Overlay layer, long bytesPerSecond, Meter meter) {
        before.accept("mergeLower");
        requireNeighbours(layer);
        List<Path> chain = running();
        Path above = chain.get(chain.indexOf(layer.file()) - 1);
        images.commit(layer.file());
        images.run(
                List.of(
                        "qemu-img",
                        "rebase",
                        "-b",
                        layer.base().toString(),
                        "-F",
                        formatOf(layer.file()),
                        above.toString()),
                Duration.ZERO);
        forget(layer.file());
        meter.at(1, 1);
        return new Outcome.Done();
    }

    /** libvirt compares names. */
    private void requireNeighbours(Overlay layer) {
        List<Path> chain = running();
        int at = chain.indexOf(layer.file());
        if (at < 0 || !chain.get(at + 1).equals(layer.base())) {
            throw new AssertionError("%s is not in %s".formatted(layer, chain));
        }
    }

    /** libvirt updates its list with the chain. */
    private void forget(Path merged) {
        listed = listed.stream().filter(path -> !path.equals(merged)).toList();
    }

    private static String formatOf(Path overlay) {
        return ImageChain.of(new Layer(overlay, "qcow2")).layers().get(1).format();
    }

    @Override
    public Outcome redefine(String disk, Layer image) {
        before.accept("redefine");
        if (power != Power.OFF) {
            return new Outcome.Refused("the machine is not off");
        }
        redefine(image);
        return new Outcome.Done();
    }
}
