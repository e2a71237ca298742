package io.stillframe.orchestrator.life;

import io.stillframe.db.JobChange;
import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.Domain;
import io.stillframe.guest.Domain.OtherDisks;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.storage.export.ImageChain;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What jobs change of the definitions of machines. */
final class Definitions {
    private Definitions() {}

    /** Has a machine that is off start with what a job's changes lead to. Does nothing where nothing moves. */
    static void move(Domain domain, List<JobChange> changes) {
        List<DiskImage> moved = moving(changes).stream().map(Definitions::image).toList();
        if (!moved.isEmpty()) {
            domain.redefine(moved);
        }
    }

    private static List<JobChange> moving(List<JobChange> changes) {
        return changes.stream()
                .filter(change -> !change.from().equals(change.to()))
                .toList();
    }

    /**
     * Whether a machine, as it is defined and as it runs, has on its disks what a job's changes lead to; not where nothing
     * moves, for then that tells nothing.
     */
    static boolean isMoved(Domain domain, List<JobChange> changes) {
        List<JobChange> moved = moving(changes);
        return !moved.isEmpty()
                && moved.stream()
                        .allMatch(change -> names(domain.definedDisks(), change) && names(domain.disks(), change));
    }

    /** Whether any of a job's changes was made: a definition is changed all at once, whatever became of its disks since. */
    static boolean isBegun(Domain domain, List<JobChange> changes) {
        return moving(changes).stream()
                .anyMatch(change -> names(domain.definedDisks(), change) || names(domain.disks(), change));
    }

    /**
     * The first of the changes that are written to the machine's own volume, where it has another one by now: what was its
     * volume may lie below an image that it goes on with, or be somebody else's.
     */
    static Optional<JobChange> elsewhere(Domain domain, List<JobChange> changes) {
        return changes.stream()
                .filter(change -> change.from().equals(change.to()))
                .filter(change -> !names(domain.definedDisks(), change))
                .findFirst();
    }

    /** By whatever path: a volume has several, and the definition may name another one of them than before. */
    private static boolean names(List<Disk> disks, JobChange change) {
        return disks.stream()
                .filter(disk -> disk.target().equals(change.disk()))
                .flatMap(disk -> disk.source().stream())
                .anyMatch(source -> ImageChain.same(Path.of(source), Path.of(change.to())));
    }

    /**
     * Defines a machine on the volumes of a clone.
     *
     * @return what it has not, or has otherwise, in words for people
     */
    static List<String> clone(Domain domain, DomainId clone, List<JobChange> changes) {
        return domain.defineClone(
                clone, changes.stream().map(Definitions::image).toList(), OtherDisks.LEFT_OUT);
    }

    /** Why {@link #clone} could not be done, however it is with the volumes; empty where nothing is known against it. */
    static Optional<String> unclonable(Domain domain, DomainId clone, List<JobChange> changes) {
        try {
            domain.planClone(clone, changes.stream().map(Definitions::image).toList(), OtherDisks.LEFT_OUT);
            return Optional.empty();
        } catch (GuestException e) {
            if (e.failure().effectUnknown()) {
                throw e; // nobody has answered
            }
            return Optional.of(e.getMessage());
        }
    }

    /** A storage names what it makes by an absolute path; below {@code /dev} there are block devices. */
    private static DiskImage image(JobChange change) {
        Path path = Path.of(change.to());
        return new DiskImage(
                change.disk(),
                path.startsWith("/dev") ? DiskImage.Kind.BLOCK : DiskImage.Kind.FILE,
                path,
                change.format());
    }
}
