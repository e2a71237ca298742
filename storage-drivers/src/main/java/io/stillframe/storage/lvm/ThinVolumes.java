package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import java.util.List;

/** Makes thin volumes. LVM writes one down before it has the pool make it: one that was interrupted there is made anew. */
final class ThinVolumes {
    private final Lvm lvm;
    private final OwnVolumes own;
    private final ThinMaking making;

    ThinVolumes(Lvm lvm, OwnVolumes own, ThinMaking making) {
        this.lvm = lvm;
        this.own = own;
        this.making = making;
    }

    /** As {@link OwnVolumes#make}. */
    Outcome make(VolumeName name, Mark mark, List<String> how) {
        Outcome made = own.make(name, mark, how);
        if (!(made instanceof Outcome.AlreadyDone)
                || lvm.volume(name).filter(making::isMade).isPresent()) {
            return made;
        }
        Outcome removed = own.remove(name, mark);
        return removed.settled() ? own.make(name, mark, how) : removed;
    }

    /** The same for one that is to be used at once: it is active afterwards. */
    Outcome makeActive(VolumeName name, Mark mark, List<String> how) {
        Outcome made = make(name, mark, how);
        if (!(made instanceof Outcome.AlreadyDone)) {
            return made;
        }
        Outcome active = lvm.activate(name);
        return active.settled() ? made : active;
    }
}
