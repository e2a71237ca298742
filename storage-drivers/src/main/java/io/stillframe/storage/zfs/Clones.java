package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Clones of zvols' snapshots, each marked with what it was made for. */
final class Clones {
    private final Zfs zfs;
    private final Marks marks;
    private final Devices devices;

    Clones(Zfs zfs, Marks marks, Devices devices) {
        this.zfs = zfs;
        this.marks = marks;
        this.devices = devices;
    }

    /**
     * Makes a clone, or finds the one that was made, and waits for its device.
     *
     * @throws CommandException when the device does not appear
     * @param properties more of them, as {@code property=value}
     */
    Outcome make(String snapshot, String clone, String purpose, List<String> properties) {
        List<String> all = new ArrayList<>(marks.ofClone(purpose));
        all.addAll(properties);
        Outcome made = isOurs(clone, purpose, Optional.of(snapshot))
                ? new Outcome.AlreadyDone()
                : zfs.clone(snapshot, clone, all);
        if (made.settled()) {
            devices.await(clone);
        }
        return made;
    }

    /** Removes a clone of ours; whatever else has its name stays. In use, or with snapshots of its own, it is refused. */
    Outcome remove(String clone, String purpose) {
        if (!isOurs(clone, purpose, Optional.empty())) {
            return new Outcome.AlreadyDone();
        }
        return devices.whenIdle(() -> zfs.destroy(clone));
    }

    /** Whether it is a clone of ours that has no snapshots of its own. */
    boolean isRemovable(String clone, String purpose) {
        return isOurs(clone, purpose, Optional.empty()) && zfs.snapshots(clone).isEmpty();
    }

    boolean exists(String dataset) {
        return zfs.get(dataset, "type").isPresent();
    }

    private boolean isOurs(String clone, String purpose, Optional<String> origin) {
        return zfs.get(clone, Marks.CLONE, "origin")
                .filter(of -> of.marked(Marks.CLONE, purpose))
                .filter(of -> origin.isEmpty() || origin.get().equals(of.value("origin")))
                .isPresent();
    }
}
