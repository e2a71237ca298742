package io.stillframe.storage.lvm;

import io.stillframe.storage.Probe;
import io.stillframe.storage.Volume;
import io.stillframe.storage.exec.CommandException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Whether a snapshot of a disk's volume can be taken now: what stands against it on thick and on thin volumes alike. */
final class LvmProbe {
    private final Origins origins;
    private final BlockDevices devices;

    /**
     * What a driver says of the room for another snapshot of a volume.
     *
     * @param against why there is none; empty where there is
     * @param filling what will soon be full
     */
    record Room(
            Function<LogicalVolume, Optional<Probe.Unusable>> against, Function<LogicalVolume, List<String>> filling) {}

    LvmProbe(Lvm lvm, BlockDevices devices) {
        this.origins = new Origins(lvm, devices);
        this.devices = devices;
    }

    /**
     * Asks.
     *
     * @param mine whether the driver that asks is the one for it
     * @param room what the driver itself says of the room for a snapshot
     */
    Probe of(Volume volume, Predicate<LogicalVolume> mine, Room room) {
        if (!Origins.mayBe(volume.kind(), volume.source()) || devices.isOther(Path.of(volume.source()))) {
            return new Probe.NotMine();
        }
        try {
            Optional<LogicalVolume> origin = origins.find(volume.source()).filter(mine);
            if (origin.isEmpty()) {
                return new Probe.NotMine();
            }
            return unusable(volume, origin.get())
                    .or(() -> room.against().apply(origin.get()))
                    .<Probe>map(reason -> reason)
                    .orElseGet(() -> new Probe.Usable(
                            Stream.concat(volume.warnings().stream(), room.filling().apply(origin.get()).stream())
                                    .toList()));
        } catch (CommandException e) {
            return unanswered(volume, e);
        }
    }

    /** A host without LVM has other block devices, and they are another driver's. */
    private Probe unanswered(Volume volume, CommandException e) {
        return devices.isMapped(Path.of(volume.source()))
                ? new Probe.Unusable("LVM does not tell what it is: " + e.getMessage(), "see what 'lvs' says")
                : new Probe.NotMine();
    }

    private static Optional<Probe.Unusable> unusable(Volume volume, LogicalVolume origin) {
        if (!volume.sole()) {
            return refuse(
                    "it is shared, transient or encrypted: what its snapshot holds would not be this machine's disk",
                    "detach it for the snapshot, or leave it out with --exclude " + volume.disk());
        }
        if (!volume.format().equals("raw")) {
            return refuse(
                    "it holds an image of format %s: the snapshot of a volume is read as a raw disk"
                            .formatted(volume.format()),
                    "convert it to raw, or leave it out with --exclude " + volume.disk());
        }
        if (!origin.groupTrouble().isEmpty()) {
            return refuse(
                    origin.groupTrouble(),
                    "see 'vgs %s'".formatted(origin.name().group()));
        }
        if (origin.isMerging() || origin.isInvalid() || !origin.ailment().isEmpty()) {
            return refuse(
                    "LVM is merging a snapshot into it, or finds something wrong with it",
                    "see 'lvs -o +lv_merging,lv_health_status %s'".formatted(origin.name()));
        }
        return origin.name()
                .unnameable(volume.disk())
                .flatMap(reason -> refuse(reason, "rename the volume or its group (lvrename, vgrename)"));
    }

    static Optional<Probe.Unusable> refuse(String reason, String hint) {
        return Optional.of(new Probe.Unusable(reason, hint));
    }
}
