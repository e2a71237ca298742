package io.stillframe.storage.qcow2;

import io.stillframe.storage.Probe;
import io.stillframe.storage.Volume;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.Qcow2Driver.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether an overlay can be put on a volume now, and what will soon stand against it. */
final class Qcow2Probe {
    private Qcow2Probe() {}

    static Probe of(Volume volume, ActiveLayers layers, OverlaySpace space, Limits limits) {
        Path image = Path.of(volume.source());
        if (!volume.sole()) {
            return unusable(
                    "it is shared, transient or encrypted: an overlay would split, lose or reveal its data",
                    "detach it for the snapshot, or leave it out with --exclude " + volume.disk());
        }
        if (!layers.defined(volume.disk()).equals(Optional.of(image))) {
            return unusable(
                    "the machine runs on %s but its definition will start with %s"
                            .formatted(
                                    image,
                                    layers.defined(volume.disk())
                                            .map(Path::toString)
                                            .orElse("nothing")),
                    "bring the definition in line with the running machine (virsh edit), or restart the machine");
        }
        if (!space.exists(image) || !space.canCreateBeside(image)) {
            return unusable(
                    "no overlay can be made in %s".formatted(image.getParent()),
                    "check that the directory exists on this host and is writable for this user");
        }
        Optional<Path> external = ImageChain.withExternalData(new Layer(image, volume.format()));
        if (external.isPresent()) {
            return unusable(
                    "%s keeps its data in another file, which would be opened as root, whatever it is"
                            .formatted(external.get()),
                    "convert it to an image of one file ('qemu-img convert'), or leave it out with --exclude "
                            + volume.disk());
        }
        return room(volume, layers, space.free(image), limits);
    }

    private static Probe room(Volume volume, ActiveLayers layers, long free, Limits limits) {
        if (layers.hasJob(volume.disk())) {
            return unusable("a block job runs on it", "wait for the job's end, or see 'virsh blockjob' for what it is");
        }
        if (free < limits.minimumFree()) {
            return unusable(
                    "%s has %d MiB free, %d MiB are needed"
                            .formatted(Path.of(volume.source()).getParent(), free >> 20, limits.minimumFree() >> 20),
                    "free some space there, or lower minimum-free in the configuration");
        }
        if (volume.depth() >= limits.maximumChain()) {
            return unusable(
                    "its chain has %d images already, %d are allowed".formatted(volume.depth(), limits.maximumChain()),
                    "delete snapshots that are not needed (stillframe delete), or raise maximum-chain in the configuration");
        }
        List<String> warnings = new ArrayList<>(volume.warnings());
        if (volume.depth() * 5 >= limits.maximumChain() * 4) {
            warnings.add("its chain has %d of %d images allowed".formatted(volume.depth(), limits.maximumChain()));
        }
        return new Probe.Usable(warnings);
    }

    private static Probe unusable(String reason, String hint) {
        return new Probe.Unusable(reason, hint);
    }
}
