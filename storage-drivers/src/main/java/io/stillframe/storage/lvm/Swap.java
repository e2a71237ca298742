package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gives a thin volume's name to a new writable snapshot of its snapshot. {@code lvconvert --merge} would do the same, but
 * it consumes the snapshot and unlinks the others from the volume, so that none of them could be merged later.
 *
 * <p>Crash argument: LVM renames one volume at a time, whole or not at all. What there is under three names (the
 * volume's, {@code .new} and {@code .old} beside the snapshot's) tells where an interrupted swap stands. The volume's
 * former content is removed last, and only by a name and marks that it got from us.
 */
final class Swap {
    private final Lvm lvm;
    private final OwnVolumes own;
    private final ThinVolumes volumes;
    private final VolumeSnapshot snapshot;
    private final VolumeName name;
    private final Suspension suspension;

    Swap(Lvm lvm, OwnVolumes own, ThinVolumes volumes, VolumeSnapshot snapshot) {
        this.lvm = lvm;
        this.own = own;
        this.volumes = volumes;
        this.snapshot = snapshot;
        this.name = VolumeName.parse(snapshot.snapshot());
        this.suspension = new Suspension(lvm);
    }

    /** Goes on from wherever it stands. */
    Outcome carryThrough() {
        return then(resumed(), this::goOn);
    }

    private Outcome goOn() {
        Optional<LogicalVolume> former = ours(former());
        Optional<LogicalVolume> origin = origin();
        if (origin.isPresent()) {
            VolumeName volume = origin.get().name();
            return former.isPresent() ? usurped(origin.get()).orElseGet(() -> finish(volume)) : begin(origin.get());
        }
        VolumeName volume = former.flatMap(this::formerName)
                .orElseThrow(() -> new CommandException(snapshot.active() + " is not there any more"));
        // the one rename is done; without the new volume it is undone, rather than leaving the machine without any
        return ours(latter()).isPresent()
                ? then(rename(latter(), volume), () -> finish(volume))
                : then(rename(former(), volume), this::goOn);
    }

    /**
     * Ends one that is not carried through. Where the machine's volume has lost its name it gets it back; where it has the
     * new content already the former one goes, as it would have gone.
     */
    Outcome giveUp() {
        return then(resumed(), this::goBack);
    }

    private Outcome goBack() {
        Optional<LogicalVolume> former = ours(former());
        Optional<LogicalVolume> origin = origin();
        if (origin.isPresent() && former.isPresent()) {
            return usurped(origin.get()).orElseGet(() -> finish(origin.get().name()));
        }
        Optional<VolumeName> nameless = origin.isPresent() ? Optional.empty() : former.flatMap(this::formerName);
        Outcome named = nameless.isPresent() ? rename(former(), nameless.get()) : new AlreadyDone();
        Outcome removed = then(named, () -> own.remove(latter(), mark()));
        return then(removed, () -> origin().map(this::unmark).orElseGet(AlreadyDone::new));
    }

    /**
     * A killed rename leaves its volume suspended, under the name that it had: first of the former content, for its device
     * may have the name that another's is to get.
     */
    private Outcome resumed() {
        return Stream.of(ours(former()), origin(), ours(latter()))
                .flatMap(Optional::stream)
                .map(volume -> suspension.end(volume.name(), snapshot))
                .reduce(new AlreadyDone(), Outcome::and);
    }

    private Outcome begin(LogicalVolume origin) {
        VolumeName volume = origin.name();
        List<String> marks = new ArrayList<>(mark().arguments(own.machine()));
        marks.addAll(List.of("--addtag", Mark.WAS + volume.volume(), volume.toString()));
        Outcome so = lvm.change("lvchange", marks);
        so = then(so, () -> volumes.makeActive(latter(), mark(), writable(origin)));
        so = then(so, () -> rename(volume, former()));
        so = then(so, () -> rename(latter(), volume));
        return then(so, () -> finish(volume));
    }

    /** The tags that others gave the volume stay with its name. */
    private List<String> writable(LogicalVolume origin) {
        List<String> how = new ArrayList<>(
                List.of("--snapshot", "--activate", "y", "--setactivationskip", "n", "--permission", "rw"));
        origin.tags().stream()
                .filter(tag -> !tag.startsWith("stillframe"))
                .forEach(tag -> how.addAll(List.of("--addtag", tag)));
        how.add(name.toString());
        return how;
    }

    /** The machine's volume is nobody's but the machine's again before its former content goes. */
    private Outcome finish(VolumeName volume) {
        LogicalVolume origin =
                lvm.volume(volume).orElseThrow(() -> new CommandException(volume + " is not there any more"));
        Outcome so = then(unmark(origin), () -> own.remove(former(), mark()));
        // the machine has other content by now: that is not called refused
        return so instanceof Refused refused
                ? new Indeterminate("%s is reverted, but %s is left: %s".formatted(volume, former(), refused.reason()))
                : so;
    }

    /** Swaps never have all three: somebody has made a volume of the machine's name while the machine had none. */
    private Optional<Outcome> usurped(LogicalVolume origin) {
        return ours(latter()).isPresent()
                ? Optional.of(new Indeterminate(
                        "%s was made by somebody else while the machine's own is %s: give it another name, then try again"
                                .formatted(origin.name(), former())))
                : Optional.empty();
    }

    private Outcome unmark(LogicalVolume origin) {
        List<String> arguments = new ArrayList<>(Mark.none(origin));
        if (arguments.isEmpty()) {
            return new AlreadyDone();
        }
        arguments.add(origin.name().toString());
        return lvm.change("lvchange", arguments);
    }

    /** By its name only: its device goes with the former content. */
    private Optional<LogicalVolume> origin() {
        return lvm.volumes(name.group()).stream()
                .filter(volume -> volume.isAt(snapshot.active()))
                .findFirst();
    }

    /** What others have given such a name tells nothing of a swap. */
    private Optional<LogicalVolume> ours(VolumeName beside) {
        return lvm.volume(beside).filter(mark()::isOn);
    }

    private Optional<VolumeName> formerName(LogicalVolume former) {
        return former.tags().stream()
                .filter(tag -> tag.startsWith(Mark.WAS))
                .map(tag -> new VolumeName(name.group(), tag.substring(Mark.WAS.length())))
                .findFirst();
    }

    /** LVM writes the new name down before it gives it to the device: where that fails the volume has it all the same. */
    private Outcome rename(VolumeName from, VolumeName to) {
        Outcome renamed = lvm.change("lvrename", List.of(from.group(), from.volume(), to.volume()));
        return renamed instanceof Refused refused && lvm.volume(from).isEmpty()
                ? new Indeterminate("%s has got the name %s, but: %s".formatted(from, to, refused.reason()))
                : renamed;
    }

    private static Outcome then(Outcome so, Supplier<Outcome> next) {
        if (!so.settled()) {
            return so;
        }
        Outcome further = next.get();
        return further instanceof AlreadyDone && so instanceof Done ? so : further;
    }

    private Mark mark() {
        Mark mark = Snapshots.mark(snapshot);
        return new Mark(Mark.Kind.REVERT, mark.label(), mark.disk());
    }

    private VolumeName latter() {
        return name.with(".new");
    }

    private VolumeName former() {
        return name.with(VolumeName.BESIDE);
    }
}
