package io.stillframe.storage.qcow2;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.export.Exports;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import java.nio.file.Path;

/** Where snapshots are opened: a folder for each run, named by its label, with a file for each disk. */
record Views(Exports exports, Path folder) {
    View open(VolumeSnapshot snapshot, Layer image) {
        ImageChain chain = ImageChain.of(image);
        return chain instanceof ImageChain.Broken broken
                ? new View.Refused(broken.reason())
                : exports.open(chain.layers(), path(snapshot));
    }

    Outcome close(VolumeSnapshot snapshot) {
        return exports.close(path(snapshot));
    }

    boolean isOpen(VolumeSnapshot snapshot) {
        return exports.isOpen(path(snapshot));
    }

    /** By the overlay's label and not by the image, which changes when the snapshot below is removed. */
    private Path path(VolumeSnapshot snapshot) {
        return folder.resolve(name(snapshot)).resolve(snapshot.disk() + ".raw");
    }

    /** The label of the run that took it. */
    String name(VolumeSnapshot snapshot) {
        Path active = Path.of(snapshot.active());
        return OverlayName.label(active).orElse(active.getFileName().toString());
    }
}
