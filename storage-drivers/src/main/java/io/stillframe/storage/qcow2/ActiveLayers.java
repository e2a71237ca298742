package io.stillframe.storage.qcow2;

import io.stillframe.storage.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the qcow2 driver needs of the hypervisor, for the one machine it is bound to. */
public interface ActiveLayers {
    /** The image chain of a disk now, the active layer first; empty where the machine has no such disk. */
    List<Path> chain(String disk);

    /** The image that the machine's next start will use. */
    Optional<Path> defined(String disk);

    /** Whether some job (merge, copy, backup) runs on the disk. */
    boolean hasJob(String disk);

    /** Returns when nothing that was begun earlier, its answer lost perhaps, can change the disk's chain any more. */
    void settle(String disk);

    /** Makes every overlay the active layer of its disk, all or none. */
    Outcome switchTo(List<Overlay> overlays);

    /**
     * Merges an active overlay into the image below it and goes on there; returns when the machine writes to the lower
     * image again. The overlay's file stays.
     */
    Outcome mergeActive(Overlay overlay);

    /** A disk, the file that is or becomes its active layer, and the image below. */
    record Overlay(String disk, Path file, Path base) {}
}
