package io.stillframe.storage.zfs;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Demand;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.export.Exports;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The snapshots of one machine's zvols and image files. ZFS keeps each snapshot whole whatever becomes of the others, so one
 * can be removed wherever it stands in the order; only what uses it stands against that.
 */
public final class ZfsStore implements SnapshotStore {
    private final String machine;
    private final Commands commands;
    private final Host host;
    private final Zfs zfs;
    private final SnapshotSet snapshots;
    private final ZvolLife zvols;
    private final FileLife files;
    private final Exports exports;
    private final Path views;

    /**
     * @param machine as in {@link ZfsDriver}
     * @param views a directory for what {@link #open} shows of images that are not raw; need not be there
     */
    public ZfsStore(String machine, Commands commands, Path views) {
        this(machine, commands, views, Host.LOCAL);
    }

    ZfsStore(String machine, Commands commands, Path views, Host host) {
        this.machine = machine;
        this.commands = commands;
        this.host = host;
        this.exports = new Exports(commands);
        this.views = views;
        this.zfs = new Zfs(commands);
        Marks marks = new Marks(machine);
        this.snapshots = new SnapshotSet(zfs, marks);
        this.zvols = new ZvolLife(zfs, new Clones(zfs, marks, new Devices(commands, host)), host);
        this.files = new FileLife(zfs, host, commands);
    }

    @Override
    public String name() {
        return ZfsDriver.NAME;
    }

    @Override
    public SnapshotStore glance() {
        return new ZfsStore(machine, commands.remembering(), views, host);
    }

    /**
     * The bytes told are what the removal of the snapshot would free now, and of the whole dataset: image files on one dataset
     * share them. Blocks that an older or newer snapshot also has are in nobody's.
     */
    @Override
    public Condition condition(VolumeSnapshot snapshot) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        try {
            Optional<Properties> there = zfs.get(name.zfs(), "used", Marks.RUN);
            if (there.isEmpty()) {
                return moved(name).<Condition>map(Condition.Unknown::new).orElseGet(Condition.Absent::new);
            }
            return there.get().kept(Marks.RUN, name.label())
                    ? new Condition.Present(
                            OptionalLong.of(there.get().number("used")),
                            OptionalDouble.empty(),
                            name.place().file().map(any -> name.zfs()))
                    : new Condition.Lost("%s is another snapshot, not this run's".formatted(name.zfs()));
        } catch (CommandException e) {
            return new Condition.Unknown(e.getMessage());
        }
    }

    @Override
    public View open(VolumeSnapshot snapshot) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        if (!isOurs(name)) {
            return new View.Refused("%s is not there".formatted(name.zfs()));
        }
        Outcome held = Hold.ofView(zfs, name, snapshot.disk()).take();
        if (!held.settled()) {
            return new View.Refused(held.because());
        }
        View view = life(name).open(name, snapshot.disk());
        if (view instanceof View.Opened opened && !snapshot.format().equals("raw")) {
            view = export(opened.path(), snapshot, name);
        }
        if (view instanceof View.Refused) {
            close(snapshot);
        }
        return view;
    }

    /** Its definition says that it is one image; whatever its header says, nothing else is read. */
    private View export(Path image, VolumeSnapshot snapshot, SnapshotName name) {
        ImageChain chain = ImageChain.of(new Layer(image, snapshot.format()));
        return chain.isOneImage()
                ? exports.open(chain.layers(), view(snapshot, name))
                : new View.Refused("%s is not one whole image of format %s".formatted(name, snapshot.format()));
    }

    @Override
    public Outcome close(VolumeSnapshot snapshot) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        if (!snapshot.format().equals("raw")) {
            Outcome hidden = exports.close(view(snapshot, name));
            if (!hidden.settled()) {
                return hidden;
            }
        }
        zfs.sync(name.place().pool());
        Outcome closed = life(name).close(name, snapshot.disk());
        if (!closed.settled()) {
            return closed;
        }
        Outcome released = Hold.ofView(zfs, name, snapshot.disk()).release();
        return released instanceof Outcome.AlreadyDone ? closed : released;
    }

    private Path view(VolumeSnapshot snapshot, SnapshotName name) {
        return views.resolve(name.label() + ".zfs").resolve(snapshot.disk() + ".raw");
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, String label) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        return isOurs(name) ? life(name).planClone(snapshot, name, label) : gone(name);
    }

    @Override
    public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        return isOurs(name)
                ? life(name).makeClone(name, change, meter)
                : new Outcome.Refused("%s is not there".formatted(name.zfs()));
    }

    @Override
    public Outcome removeClone(VolumeSnapshot snapshot, Change change) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        zfs.sync(name.place().pool());
        return life(name).removeClone(name, change);
    }

    @Override
    public Plan planRevert(VolumeSnapshot snapshot, String label) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        if (!isOurs(name)) {
            return gone(name);
        }
        Optional<String> elsewhere = elsewhere(snapshot, name);
        if (elsewhere.isPresent()) {
            return new Plan.Refused(
                    elsewhere.get(), "clone the snapshot instead, or bring its volume back to that place");
        }
        Change inPlace = new Change(snapshot.disk(), snapshot.active(), snapshot.active(), snapshot.format());
        Demand room = Space.writtenBack(zfs, name, life(name).size(name));
        return Space.shortage(room)
                .<Plan>map(reason -> new Plan.Refused(reason, "remove snapshots, or add disks to the pool"))
                .orElseGet(() -> new Plan.Ready(inPlace, Optional.of(room)));
    }

    @Override
    public Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        if (!isOurs(name)) {
            return new Outcome.Refused("%s is not there".formatted(name.zfs()));
        }
        return elsewhere(snapshot, name)
                .<Outcome>map(Outcome.Refused::new)
                .orElseGet(() -> life(name).revert(name, change, meter));
    }

    /**
     * Why what the machine has at the path of its disk is not what the snapshot is of: another dataset may be mounted there by
     * now, or a link lead to another zvol.
     */
    private Optional<String> elsewhere(VolumeSnapshot snapshot, SnapshotName name) {
        Path active = Path.of(snapshot.active());
        return life(name).target(name).filter(target -> isSame(target, active)).isPresent()
                ? Optional.empty()
                : Optional.of("%s is not what %s is of any more".formatted(active, name));
    }

    /** A file that was deleted may be made anew where it was. */
    private static boolean isSame(Path one, Path other) {
        boolean gone = Files.notExists(one) && Files.notExists(other);
        return gone
                ? one.getFileName().equals(other.getFileName()) && ImageChain.same(one.getParent(), other.getParent())
                : ImageChain.same(one, other);
    }

    @Override
    public Outcome giveUpRevert(VolumeSnapshot snapshot, Change change) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        zfs.sync(name.place().pool());
        return life(name).giveUpRevert(name, change);
    }

    @Override
    public Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        boolean ours = isOurs(name);
        Optional<String> moved = ours ? Optional.empty() : moved(name);
        if (moved.isPresent()) {
            return new Plan.Refused(
                    moved.get(), "give the dataset its name back, or promote the one it was cloned from");
        }
        List<String> users = ours ? users(name, snapshot.disk()) : List.of();
        return users.isEmpty()
                ? new Plan.Ready(
                        new Change(snapshot.disk(), snapshot.snapshot(), snapshot.snapshot(), snapshot.format()))
                : new Plan.Refused(
                        "%s is in use: %s".formatted(name.zfs(), String.join(", ", users)),
                        "close what is open of it and remove its clones first");
    }

    @Override
    public Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
        SnapshotName name = SnapshotName.parse(snapshot.snapshot());
        zfs.sync(name.place().pool());
        if (!isOurs(name)) {
            return moved(name).<Outcome>map(Outcome.Refused::new).orElseGet(Outcome.AlreadyDone::new);
        }
        List<String> users = users(name, snapshot.disk());
        if (!users.isEmpty()) {
            return new Outcome.Refused("%s is in use: %s".formatted(name.zfs(), String.join(", ", users)));
        }
        Outcome rid = life(name).removeLeftover(name, snapshot.disk());
        return rid.settled() ? zfs.destroy(name.zfs()) : rid;
    }

    /** Whoever needs the snapshot; what goes with it is none of them. */
    private List<String> users(SnapshotName name, String disk) {
        List<String> users = new ArrayList<>();
        zfs.holds(name.zfs()).forEach(tag -> users.add("hold " + tag));
        zfs.get(name.zfs(), "clones")
                .map(of -> of.value("clones"))
                .filter(clones -> !clones.isEmpty() && !clones.equals("-"))
                .ifPresent(clones -> List.of(clones.split(",", -1)).forEach(clone -> users.add("clone " + clone)));
        life(name).leftover(name, disk).ifPresent(clone -> users.remove("clone " + clone));
        return users;
    }

    private boolean isOurs(SnapshotName name) {
        return snapshots.isOurs(name.zfs(), name.label());
    }

    /** Where it may be instead, as a reason; empty where it is gone. */
    private Optional<String> moved(SnapshotName name) {
        return snapshots
                .moved(name.place().pool(), name.label())
                .map(reason -> "%s is not there, but %s".formatted(name.zfs(), reason));
    }

    private Life life(SnapshotName name) {
        return name.place().file().isPresent() ? files : zvols;
    }

    private static Plan gone(SnapshotName name) {
        return new Plan.Refused("%s is not there".formatted(name.zfs()), "see 'stillframe snapshots'");
    }
}
