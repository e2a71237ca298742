package io.stillframe.storage.qcow2;

import io.stillframe.storage.export.Layer;
import io.stillframe.storage.export.Qcow2Header;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Optional;

/** Whether an overlay can be written into the image below it: by their sizes, and by the room that there is. */
record MergeRoom(QemuImg qemuImg, OverlaySpace space, long minimumFree) {
    /** What stands against it. */
    Optional<String> obstacle(Layer overlay, Layer base) {
        long above = virtualSize(overlay);
        long below = virtualSize(base);
        if (above < below) {
            // the end of the lower image would come up again, in a disk that has grown
            return Optional.of("the disk was made smaller after the snapshot: %s holds %d bytes, %s %d"
                    .formatted(base.file(), below, overlay.file(), above));
        }
        long atMost = Math.min(qemuImg.actualSize(overlay), Math.max(0, above - qemuImg.actualSize(base)));
        long free = space.free(base.file());
        return free - atMost >= minimumFree
                ? Optional.empty()
                : Optional.of("%s may take %d MiB more while %d MiB are free, and %d MiB must stay free"
                        .formatted(base.file(), atMost >> 20, free >> 20, minimumFree >> 20));
    }

    static long virtualSize(Layer image) {
        if (image.isQcow2()) {
            return Qcow2Header.read(image.file())
                    .orElseThrow(() ->
                            new UncheckedIOException(new IOException("%s is no qcow2 image".formatted(image.file()))))
                    .virtualSize();
        }
        try {
            return Files.size(image.file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
