package io.stillframe.storage.conformance;

import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layers whose answer to a switch comes by way of a command, so that it can be lost as a command's is.
 *
 * @param answer a program that does nothing
 */
record AnsweringLayers(ActiveLayers layers, Commands commands, String answer) implements ActiveLayers {
    @Override
    public Outcome switchTo(List<Overlay> overlays) {
        Outcome outcome = layers.switchTo(overlays);
        try {
            commands.run(List.of(answer), Duration.ofMinutes(1));
            return outcome;
        } catch (CommandException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
    }

    @Override
    public List<Path> chain(String disk) {
        return layers.chain(disk);
    }

    @Override
    public Optional<Path> defined(String disk) {
        return layers.defined(disk);
    }

    @Override
    public Optional<Layer> definedLayer(String disk) {
        return layers.definedLayer(disk);
    }

    @Override
    public boolean isThere() {
        return layers.isThere();
    }

    @Override
    public boolean hasJob(String disk) {
        return layers.hasJob(disk);
    }

    @Override
    public void settle(String disk) {
        layers.settle(disk);
    }

    @Override
    public Power power() {
        return layers.power();
    }

    @Override
    public Map<String, List<Layer>> otherUsers(String disk) {
        return layers.otherUsers(disk);
    }

    @Override
    public Outcome mergeActive(Overlay overlay, long bytesPerSecond, Meter meter) {
        return layers.mergeActive(overlay, bytesPerSecond, meter);
    }

    @Override
    public Outcome mergeLower(Overlay layer, long bytesPerSecond, Meter meter) {
        return layers.mergeLower(layer, bytesPerSecond, meter);
    }

    @Override
    public Outcome redefine(String disk, Layer image) {
        return layers.redefine(disk, image);
    }
}
