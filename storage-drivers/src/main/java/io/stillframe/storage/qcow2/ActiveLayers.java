package io.stillframe.storage.qcow2;

import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.export.Layer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the qcow2 driver needs of the hypervisor, for the one machine it is bound to. */
public interface ActiveLayers {
    /** Whether there is such a machine; one that is no more has no disks, and is off. */
    boolean isThere();

    /**
     * The image chain of a disk now, the active layer first; empty where the machine has no such disk. Of a machine that is
     * off, what its definition lists: at least the active layer, and more only where libvirt wrote it down.
     */
    List<Path> chain(String disk);

    /** The image that the machine's next start will use. */
    Optional<Path> defined(String disk);

    /** The same with its format. */
    Optional<Layer> definedLayer(String disk);

    /** Whether some job (merge, copy, backup) runs on the disk. */
    boolean hasJob(String disk);

    /** Returns when nothing that was begun earlier, its answer lost perhaps, can change the disk's chain any more. */
    void settle(String disk);

    /** Whether anybody uses the images now. */
    Power power();

    /**
     * The images that other machines name, now or in their definitions, by the machine's name, and those that this one
     * names for its other disks, by {@code its own disk} and the disk's name.
     */
    Map<String, List<Layer>> otherUsers(String disk);

    /** Makes every overlay the active layer of its disk, all or none. */
    Outcome switchTo(List<Overlay> overlays);

    /**
     * Merges an active overlay into the image below it and goes on there; returns when the machine writes to the lower
     * image again. The overlay's file stays. A merge of it that runs already is gone on with. Refused only where no merge
     * was begun and none ran: from its beginning the lower image is no moment any more, however the merge ends.
     *
     * @param bytesPerSecond how fast it may go; 0 for as fast as it can
     */
    Outcome mergeActive(Overlay overlay, long bytesPerSecond, Meter meter);

    /** Merges a layer below the active one into the image below it; otherwise as {@link #mergeActive}. */
    Outcome mergeLower(Overlay layer, long bytesPerSecond, Meter meter);

    /** Has the definition of a machine that is off use another image of a disk, and list nothing below it. */
    Outcome redefine(String disk, Layer image);

    /** A disk, the file that is or becomes its active layer, and the image below. */
    record Overlay(String disk, Path file, Path base) {}

    /** Who writes to the images. */
    enum Power {
        /** The machine's QEMU, also while it is paused. */
        ON,
        /** Nobody. */
        OFF,
        /** Nobody may: it has crashed or is going down, or its memory is saved and knows the images as they are. */
        UNCLEAR
    }
}
