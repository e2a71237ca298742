package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Makes and removes volumes that bear our marks. */
final class OwnVolumes {
    private final Lvm lvm;
    private final String machine;
    private final ThinMaking making;

    /**
     * Names whose volumes they are.
     *
     * @param machine the UUID of the domain, for whoever reads the tags
     */
    OwnVolumes(Lvm lvm, String machine) {
        this.lvm = lvm;
        this.machine = machine;
        this.making = new ThinMaking(lvm);
    }

    /**
     * Makes a volume.
     *
     * @param how what {@code lvcreate} is told beside the name and the tags, its last argument what the volume is made
     *     from or in
     * @return {@code AlreadyDone} when it was there with our marks; {@code Refused} when somebody else's is there
     */
    Outcome make(VolumeName name, Mark mark, List<String> how) {
        List<String> arguments = new ArrayList<>(List.of("--name", name.volume()));
        arguments.addAll(mark.arguments(machine));
        arguments.addAll(how);
        Outcome made = lvm.change("lvcreate", arguments);
        if (!(made instanceof Refused refused)) {
            return made;
        }
        Optional<LogicalVolume> there = lvm.volume(name);
        if (there.isEmpty()) {
            return refused;
        }
        return mark.isOn(there.get()) ? new AlreadyDone() : foreign(name);
    }

    String machine() {
        return machine;
    }

    static Refused foreign(VolumeName name) {
        return new Refused("%s exists already and is not marked as ours".formatted(name));
    }

    /**
     * Removes a volume with our marks; absent, or somebody else's, counts as done. In use by anybody, or with what would go
     * along with it ({@code lv_remove_with_dependencies}), it is refused. What a
     * killed command of LVM has left of it in the kernel only is taken down as well: it would lie on room that LVM gives
     * to the next volume.
     */
    Outcome remove(VolumeName name, Mark mark) {
        Optional<LogicalVolume> there = lvm.volume(name);
        if (there.isPresent() && !mark.isOn(there.get())) {
            return new AlreadyDone();
        }
        if (there.filter(LogicalVolume::isBelowOthers).isPresent()) {
            return new Refused(
                    "%s has a snapshot, or a thin volume of another pool, that somebody made of it: LVM would remove that with it"
                            .formatted(name));
        }
        there.ifPresent(making::forgetUncounted);
        Outcome removed = there.map(volume -> removeMarked(volume, mark)).orElseGet(AlreadyDone::new);
        boolean clean = !removed.settled() || takeDown(name);
        return clean ? removed : new Indeterminate("a device of %s cannot be taken down".formatted(name));
    }

    /**
     * LVM writes down that a thick snapshot is none any more before it puts it out of use: where that fails its content is
     * gone, and the volume is there.
     */
    private Outcome removeMarked(LogicalVolume volume, Mark mark) {
        VolumeName name = volume.name();
        List<String> arguments = new ArrayList<>(mark.only());
        arguments.add(name.toString());
        Outcome removed = lvm.change("lvremove", arguments);
        Optional<LogicalVolume> left = lvm.volume(name);
        if (left.isEmpty()) {
            return new Done();
        }
        if (removed instanceof Done) {
            return new Indeterminate(name + " is still there");
        }
        return volume.isThickSnapshot() && !left.get().isThickSnapshot()
                ? new Indeterminate(
                        "%s is no snapshot any more, and still there: %s".formatted(name, removed.because()))
                : removed;
    }

    private boolean takeDown(VolumeName name) {
        List<String> devices = name.devices();
        return lvm.devices().stream()
                .filter(device -> devices.contains(device.name()))
                .sorted(Comparator.comparing(device -> devices.indexOf(device.name())))
                .map(lvm::takeDown)
                .allMatch(Outcome::settled);
    }
}
