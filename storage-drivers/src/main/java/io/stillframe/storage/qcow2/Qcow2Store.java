package io.stillframe.storage.qcow2;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
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
import io.stillframe.storage.export.Qcow2Header;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Snapshots that are images: each is the image that the machine wrote to until then, and lies below what it wrote to
 * afterwards.
 */
public final class Qcow2Store implements SnapshotStore {
    private final ActiveLayers layers;
    private final QemuImg qemuImg;
    private final OverlaySpace space = new OverlaySpace();
    private final Views views;
    private final FullCopy copy;
    private final Reversion reversion;
    private final RemovalPlan removalPlan;
    private final MergeDown mergeDown;

    /**
     * How it works.
     *
     * @param minimumFree bytes that must stay free where images lie
     * @param bytesPerSecond how fast a layer is merged; 0 for as fast as it can be
     * @param views the folder in which opened snapshots appear; made where it is not there
     */
    public record Options(long minimumFree, long bytesPerSecond, Path views) {}

    public Qcow2Store(ActiveLayers layers, Commands commands, Options options) {
        this.layers = layers;
        qemuImg = new QemuImg(commands);
        views = new Views(new Exports(commands), options.views());
        copy = new FullCopy(layers, qemuImg, space, options.minimumFree());
        reversion = new Reversion(layers, new Overlays(qemuImg, space), space, options.minimumFree());
        removalPlan = new RemovalPlan(layers, space, new MergeRoom(qemuImg, space, options.minimumFree()), views);
        mergeDown = new MergeDown(layers, qemuImg, space, removalPlan, options.bytesPerSecond());
    }

    @Override
    public String name() {
        return Qcow2Driver.NAME;
    }

    @Override
    public Condition condition(VolumeSnapshot snapshot) {
        Layer image = layer(snapshot);
        try {
            if (!space.exists(image.file()) || isWrittenTo(snapshot.disk(), image.file())) {
                return new Condition.Absent();
            }
            if (ImageChain.of(image) instanceof ImageChain.Broken broken) {
                // what is not there may come back with its storage, and what cannot be told may still be right
                return new Condition.Unknown(broken.reason());
            }
            if (image.isQcow2() && Qcow2Header.read(image.file()).orElseThrow().corrupt()) {
                return new Condition.Lost("QEMU has marked %s as corrupt".formatted(image.file()));
            }
            return new Condition.Present(OptionalLong.of(qemuImg.actualSize(image)), OptionalDouble.empty());
        } catch (CommandException | UncheckedIOException e) {
            return new Condition.Unknown(e.getMessage());
        }
    }

    @Override
    public View open(VolumeSnapshot snapshot) {
        return isWrittenTo(snapshot.disk(), layer(snapshot).file())
                ? new View.Refused(noMoment(snapshot))
                : views.open(snapshot, layer(snapshot));
    }

    @Override
    public Outcome close(VolumeSnapshot snapshot) {
        return views.close(snapshot);
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, String label) {
        return planned(() -> isWrittenTo(snapshot.disk(), layer(snapshot).file())
                ? new Plan.Refused(noMoment(snapshot), "delete it: no image is touched by that")
                : copy.plan(snapshot.disk(), layer(snapshot), label));
    }

    @Override
    public Outcome makeClone(VolumeSnapshot snapshot, Change change, Meter meter) {
        return done(() -> isWrittenTo(snapshot.disk(), layer(snapshot).file())
                ? new Outcome.Refused(noMoment(snapshot))
                : copy.make(layer(snapshot), change, meter));
    }

    @Override
    public Outcome removeClone(VolumeSnapshot snapshot, Change change) {
        return done(() -> copy.remove(change));
    }

    @Override
    public Plan planRevert(VolumeSnapshot snapshot, String label) {
        return planned(() -> reversion.plan(snapshot.disk(), layer(snapshot), label));
    }

    @Override
    public Outcome revert(VolumeSnapshot snapshot, Change change, Meter meter) {
        return done(() -> reversion.make(layer(snapshot), change));
    }

    @Override
    public Outcome giveUpRevert(VolumeSnapshot snapshot, Change change) {
        return done(() -> reversion.giveUp(layer(snapshot), change));
    }

    @Override
    public Plan planRemoval(VolumeSnapshot snapshot, Relatives relatives) {
        return planned(() -> removalPlan.of(snapshot, layer(snapshot), relatives));
    }

    /**
     * Between this and the plan nobody may revert the machine to the snapshot: what a revert puts on its image cannot be
     * told from what a finished merge leaves there.
     */
    @Override
    public Outcome remove(VolumeSnapshot snapshot, Change change, Relatives relatives, Meter meter) {
        return done(() -> mergeDown.remove(snapshot, change, relatives, meter));
    }

    @Override
    public boolean isMoved(VolumeSnapshot snapshot, Change change, Relatives relatives) {
        return mergeDown.isMerged(snapshot, change, relatives);
    }

    private static String noMoment(VolumeSnapshot snapshot) {
        return "the machine writes to %s: it holds no moment".formatted(snapshot.snapshot());
    }

    /** Whether an image is the machine's own, before its snapshot is taken or after it was removed. */
    private boolean isWrittenTo(String disk, Path image) {
        return RemovalPlan.isWrittenTo(layers, disk, image);
    }

    private static Plan planned(Supplier<Plan> plan) {
        try {
            return plan.get();
        } catch (CommandException | UncheckedIOException e) {
            return new Plan.Refused(e.getMessage(), "see to it that the image's folder can be read, then try again");
        }
    }

    /** Files may have been changed by then; all of it can be done again. */
    private static Outcome done(Supplier<Outcome> work) {
        try {
            return work.get();
        } catch (CommandException | UncheckedIOException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
    }

    private static Layer layer(VolumeSnapshot snapshot) {
        return new Layer(Path.of(snapshot.snapshot()), snapshot.format());
    }
}
