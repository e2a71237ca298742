package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** What a run does with its snapshots, whether they are thick or thin. */
final class Snapshots {
    private final Lvm lvm;
    private final BlockDevices devices;
    private final Origins origins;
    private final Suspension suspension;
    /** Looked up before the window, so that inside it only the snapshot itself is taken. */
    private final Map<String, VolumeName> known = new HashMap<>();
    /** Whose snapshot this object has seen LVM take, so that nothing is left suspended. */
    private final Set<VolumeSnapshot> seen = new HashSet<>();

    Snapshots(Lvm lvm, BlockDevices devices) {
        this.lvm = lvm;
        this.devices = devices;
        this.origins = new Origins(lvm, devices);
        this.suspension = new Suspension(lvm);
    }

    List<VolumeSnapshot> plan(String driver, String label, List<Volume> volumes) {
        List<VolumeSnapshot> planned = new ArrayList<>();
        for (Volume volume : volumes) {
            VolumeName origin = origins.get(volume.source()).name();
            known.put(volume.source(), origin);
            planned.add(new VolumeSnapshot(
                    volume.disk(),
                    driver,
                    origin.made(label, volume.disk()).toString(),
                    "raw",
                    volume.source(),
                    quiesce(volume)));
        }
        return planned;
    }

    /**
     * LVM itself has the origin hold what this host's page cache holds for it, in all cache modes. But with {@code unsafe}
     * QEMU drops the guest's flushes, and while the machine writes on, what it wrote earlier may come after what it wrote
     * later: it must not write meanwhile.
     */
    private static Quiesce quiesce(Volume volume) {
        return volume.cache().equals("unsafe") ? Quiesce.PAUSE : Quiesce.NOTHING;
    }

    VolumeName origin(VolumeSnapshot snapshot) {
        return known.computeIfAbsent(
                snapshot.active(), source -> origins.get(source).name());
    }

    static Mark mark(VolumeSnapshot snapshot) {
        return Mark.of(Mark.Kind.SNAPSHOT, VolumeName.parse(snapshot.snapshot()), snapshot.disk());
    }

    /** Our volume for a snapshot; empty where there is none, or somebody else's. */
    static Optional<LogicalVolume> ours(Lvm lvm, VolumeSnapshot snapshot) {
        return lvm.volume(VolumeName.parse(snapshot.snapshot())).filter(mark(snapshot)::isOn);
    }

    /**
     * Writes out what this host's page cache holds for the origins, so that LVM finds little to do inside the window, and
     * refuses what somebody else has the name of.
     */
    Outcome prepare(List<VolumeSnapshot> planned, Function<VolumeSnapshot, Outcome> make) {
        try {
            for (VolumeSnapshot snapshot : planned) {
                Outcome made = make.apply(snapshot);
                if (!made.settled()) {
                    return made;
                }
                devices.sync(Path.of(snapshot.active()));
            }
            return new Done();
        } catch (IOException | CommandException e) {
            return new Refused(e.getMessage());
        }
    }

    /** Takes one after the other. Nothing is asked unless LVM says no, or says nothing any more. */
    Outcome create(List<VolumeSnapshot> planned, Function<VolumeSnapshot, Outcome> take) {
        int made = 0;
        for (VolumeSnapshot snapshot : planned) {
            Outcome taken = take.apply(snapshot);
            if (!taken.settled()) {
                String left = resume(planned) instanceof Indeterminate stuck ? "; " + stuck.reason() : "";
                return made > 0 || taken instanceof Indeterminate
                        ? new Indeterminate("%s: %s%s".formatted(snapshot.snapshot(), taken.because(), left))
                        : new Refused("%s: %s%s".formatted(snapshot.snapshot(), taken.because(), left));
            }
            if (taken instanceof Done) {
                made++;
                seen.add(snapshot); // one that was there already may be what a command left that failed as it resumed
            }
        }
        return made > 0 ? new Done() : new AlreadyDone();
    }

    Presence find(List<VolumeSnapshot> planned, Predicate<LogicalVolume> taken) {
        long present = planned.stream()
                .filter(snapshot -> ours(lvm, snapshot).filter(taken).isPresent())
                .count();
        if (present == 0) {
            return Presence.ABSENT;
        }
        return present == planned.size() ? Presence.PRESENT : Presence.PARTIAL;
    }

    /** Looks after what an interrupted run took; what this object took itself needs nothing. */
    Outcome update(List<VolumeSnapshot> planned) {
        return seen.containsAll(planned) ? new AlreadyDone() : resume(planned);
    }

    /** Whether all are there and good for reading, and no origin is left suspended. */
    Outcome verify(List<VolumeSnapshot> planned, Predicate<LogicalVolume> good) {
        Outcome resumed = resume(planned);
        if (!resumed.settled()) {
            return resumed;
        }
        return switch (find(planned, good)) {
            case PRESENT -> new AlreadyDone();
            case PARTIAL, ABSENT -> new Refused("LVM does not have all of the snapshots, or one of them is lost");
        };
    }

    /** Has all origins, and what hangs on them, resumed; one that cannot be keeps none of the others waiting. */
    Outcome resume(List<VolumeSnapshot> planned) {
        return planned.stream()
                .map(snapshot -> Life.asked(() -> suspension.end(origin(snapshot), snapshot)))
                .reduce(new AlreadyDone(), Outcome::and);
    }

    /**
     * Removes what was made, all that can be; before it whatever an interrupted command left suspended goes on again, and
     * after it what the removal itself may have left so.
     */
    Outcome discard(List<VolumeSnapshot> planned, OwnVolumes own) {
        Map<VolumeSnapshot, Outcome> resumed = new LinkedHashMap<>();
        planned.forEach(snapshot -> resumed.put(snapshot, resume(List.of(snapshot))));
        Outcome all = new AlreadyDone();
        for (Map.Entry<VolumeSnapshot, Outcome> each : resumed.entrySet()) {
            VolumeSnapshot snapshot = each.getKey();
            all = all.and(each.getValue());
            if (each.getValue().settled()) {
                all = all.and(Life.asked(() -> own.remove(VolumeName.parse(snapshot.snapshot()), mark(snapshot))));
            }
        }
        return all.settled() ? all : all.and(resume(planned));
    }
}
