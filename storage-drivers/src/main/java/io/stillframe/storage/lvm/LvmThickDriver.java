package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Copy-on-write snapshots of plain logical volumes. The volume that takes what is overwritten is made before the window;
 * inside it LVM only puts it on the origin.
 *
 * <p>Crash argument: all that a run makes is one volume per disk with the run's marks, from before the window on; until
 * LVM's metadata calls it a snapshot it holds nothing, and from then on it holds the instant at which the origin was
 * suspended. Removing it leaves the origin with all that was written to it.
 */
public final class LvmThickDriver extends LvmDriver {
    /** What LVM's copy-on-write works on; caches and the like are refused, not tried. */
    private static final Set<String> PLAIN = Set.of("linear", "striped", "raid", "raid0", "raid1", "raid10");

    private final Limits limits;
    /** What this object has made or found with our marks: LVM would turn any volume into a snapshot that it is told to. */
    private final Set<VolumeSnapshot> prepared = new HashSet<>();

    /**
     * How far this driver goes.
     *
     * @param cow the room for what is written to a volume while its snapshot lives
     * @param warning how full that of an earlier snapshot may be before it is told, from 0 to 1
     */
    public record Limits(CowSize cow, double warning) {}

    /**
     * A driver for one machine.
     *
     * @param machine the UUID of the domain
     */
    public LvmThickDriver(Commands commands, String machine, Limits limits) {
        this(new Lvm(commands), new HostDevices(), machine, limits);
    }

    LvmThickDriver(Lvm lvm, BlockDevices devices, String machine, Limits limits) {
        super(lvm, devices, machine);
        this.limits = limits;
    }

    @Override
    public String name() {
        return "lvm-thick";
    }

    @Override
    public Probe probe(Volume volume) {
        return new LvmProbe(lvm, devices)
                .of(volume, origin -> !origin.isThin(), new LvmProbe.Room(this::room, this::filling));
    }

    /** Each snapshot of an origin takes in what is written to it, in a room of its own. */
    private List<String> filling(LogicalVolume origin) {
        return lvm.volumes(origin.name().group()).stream()
                .filter(snapshot -> snapshot.isThickSnapshot() && snapshot.isSnapshotOf(origin.name()))
                .filter(snapshot -> !snapshot.isInvalid() && snapshot.fill().orElse(0) >= limits.warning())
                .map(snapshot -> "its snapshot %s is %.0f %% full, and is lost when it is full"
                        .formatted(snapshot.name(), snapshot.fill().orElse(0) * 100))
                .toList();
    }

    private Optional<Probe.Unusable> room(LogicalVolume origin) {
        if (!PLAIN.containsAll(origin.layout()) || !origin.roles().contains("public") || origin.isThickSnapshot()) {
            return LvmProbe.refuse(
                    "LVM takes no snapshot of it: it is %s, %s"
                            .formatted(String.join(",", origin.layout()), String.join(",", origin.roles())),
                    "put the disk on a plain or a thin volume");
        }
        long needed = origin.wholeExtents(limits.cow().of(origin.size()));
        return needed <= origin.groupFree()
                ? Optional.empty()
                : LvmProbe.refuse(
                        "volume group %s has %d MiB free, %d MiB are needed for the snapshot"
                                .formatted(origin.name().group(), origin.groupFree() >> 20, needed >> 20),
                        "free some space in the group, or lower snapshot-size in the configuration");
    }

    /**
     * Made, and its beginning wiped, which makes it an empty exception store; then put out of use and made read-only, for
     * a read-only volume becomes a read-only snapshot. What an earlier attempt has done is not done again.
     */
    @Override
    Outcome makeReady(VolumeSnapshot snapshot) {
        VolumeName name = VolumeName.parse(snapshot.snapshot());
        LogicalVolume origin = lvm.volume(snapshots.origin(snapshot)).orElseThrow();
        List<String> how = List.of(
                "--size",
                origin.wholeExtents(limits.cow().of(origin.size())) + "b",
                "--zero",
                "y",
                "--wipesignatures",
                "y",
                "--setactivationskip",
                "n",
                name.group());
        Outcome ready = wiped(name, Snapshots.mark(snapshot), how);
        if (ready.settled()) {
            ready = ready.and(putAside(name));
        }
        if (ready.settled()) {
            prepared.add(snapshot);
        }
        return ready;
    }

    /**
     * One that an interrupted command left may not have been wiped: what an earlier snapshot left in its place would be taken
     * for its tables. Only after that is it made read-only.
     */
    private Outcome wiped(VolumeName name, Mark mark, List<String> how) {
        Outcome made = own.make(name, mark, how);
        boolean unsure = made instanceof Outcome.AlreadyDone
                && lvm.volume(name)
                        .filter(volume -> !volume.isThickSnapshot() && !volume.isReadOnly())
                        .isPresent();
        Outcome removed = unsure ? own.remove(name, mark) : made;
        return unsure && removed.settled() ? own.make(name, mark, how) : removed;
    }

    /** What is a snapshot already stays as it is: LVM would put its origin out of use with it. */
    private Outcome putAside(VolumeName name) {
        LogicalVolume cow = lvm.volume(name).orElseThrow();
        if (cow.isThickSnapshot()) {
            return new Outcome.AlreadyDone();
        }
        Outcome aside = cow.isActive()
                ? lvm.change("lvchange", List.of("--activate", "n", name.toString()))
                : new Outcome.AlreadyDone();
        return aside.settled() && !cow.isReadOnly()
                ? lvm.change("lvchange", List.of("--permission", "r", name.toString()))
                : aside;
    }

    @Override
    Outcome take(VolumeSnapshot snapshot) {
        VolumeName name = VolumeName.parse(snapshot.snapshot());
        if (!prepared.contains(snapshot)) {
            Optional<LogicalVolume> there = lvm.volume(name);
            if (there.isEmpty()) {
                return new Outcome.Refused(name + " has not been prepared");
            }
            if (!Snapshots.mark(snapshot).isOn(there.get())) {
                return OwnVolumes.foreign(name);
            }
        }
        List<String> arguments = new ArrayList<>(Lvm.WITHOUT_BACKUP);
        arguments.addAll(
                List.of("--snapshot", "--zero", "n", snapshots.origin(snapshot).toString(), name.toString()));
        Outcome taken = lvm.change("lvconvert", arguments);
        boolean already = taken instanceof Outcome.Refused
                && Snapshots.ours(lvm, snapshot)
                        .filter(LogicalVolume::isThickSnapshot)
                        .isPresent();
        return already ? new Outcome.AlreadyDone() : taken;
    }

    @Override
    public Presence find(List<VolumeSnapshot> planned) {
        return snapshots.find(planned, LogicalVolume::isThickSnapshot);
    }

    @Override
    public Outcome verify(List<VolumeSnapshot> planned) {
        return snapshots.verify(planned, volume -> volume.isThickSnapshot() && !volume.isInvalid());
    }
}
