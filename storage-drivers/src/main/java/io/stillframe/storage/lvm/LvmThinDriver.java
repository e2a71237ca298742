package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots within a thin pool. They share its room, and are active only while they are read: what is not active can
 * neither be written to nor be in the way.
 *
 * <p>Crash argument: all that a run makes is one volume per disk with the run's marks. LVM writes it down before it has
 * the pool make it; between the two it counts as not taken ({@link ThinMaking}), and LVM has the pool forget it
 * with its removal. Removing it leaves the origin with all that was written to it.
 */
public final class LvmThinDriver extends LvmDriver {
    private final ThinPools pools;
    private final ThinMaking making;
    private final ThinVolumes volumes;

    /**
     * How far this driver goes. A pool that is full stops all its volumes, and one whose metadata is full may need repair.
     *
     * @param fullestData how full a pool's data may be for one more snapshot, from 0 to 1
     * @param fullestMetadata how full its metadata may be, from 0 to 1
     * @param warning how full either may be before it is told, from 0 to 1
     */
    public record Limits(double fullestData, double fullestMetadata, double warning) {
        public Limits {
            for (double share : new double[] {fullestData, fullestMetadata, warning}) {
                if (!(share >= 0 && share <= 1)) {
                    throw new IllegalArgumentException("not between 0 and 1: " + share);
                }
            }
        }
    }

    /**
     * A driver for one machine.
     *
     * @param machine the UUID of the domain
     */
    public LvmThinDriver(Commands commands, String machine, Limits limits) {
        this(new Lvm(commands), new HostDevices(), machine, limits);
    }

    LvmThinDriver(Lvm lvm, BlockDevices devices, String machine, Limits limits) {
        super(lvm, devices, machine);
        this.pools = new ThinPools(lvm, limits);
        this.making = new ThinMaking(lvm);
        this.volumes = new ThinVolumes(lvm, own, making);
    }

    @Override
    public String name() {
        return "lvm-thin";
    }

    @Override
    public Probe probe(Volume volume) {
        return new LvmProbe(lvm, devices)
                .of(volume, LogicalVolume::isThin, new LvmProbe.Room(this::room, pools::filling));
    }

    private Optional<Probe.Unusable> room(LogicalVolume origin) {
        return pools.against(origin)
                .flatMap(
                        reason -> LvmProbe.refuse(
                                reason,
                                "extend the pool (lvextend, its metadata with --poolmetadatasize), free some of it, or raise pool-limit in the configuration"));
    }

    /** Its name is free, and there is room: LVM itself lets a pool fill up to its end. */
    @Override
    Outcome makeReady(VolumeSnapshot snapshot) {
        VolumeName name = VolumeName.parse(snapshot.snapshot());
        Optional<LogicalVolume> there = lvm.volume(name);
        if (there.isPresent()) {
            return Snapshots.mark(snapshot).isOn(there.get()) ? new Outcome.AlreadyDone() : OwnVolumes.foreign(name);
        }
        LogicalVolume origin = lvm.volume(snapshots.origin(snapshot)).orElseThrow();
        return pools.against(origin).<Outcome>map(Outcome.Refused::new).orElseGet(Outcome.AlreadyDone::new);
    }

    @Override
    Outcome take(VolumeSnapshot snapshot) {
        List<String> how = new ArrayList<>(
                List.of("--snapshot", "--activate", "n", "--setactivationskip", "y", "--permission", "r"));
        how.addAll(Lvm.WITHOUT_BACKUP);
        how.add(snapshots.origin(snapshot).toString());
        return volumes.make(VolumeName.parse(snapshot.snapshot()), Snapshots.mark(snapshot), how);
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        return snapshots.find(planned, making::isMade);
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        return snapshots.verify(planned, making::isMade);
    }
}
