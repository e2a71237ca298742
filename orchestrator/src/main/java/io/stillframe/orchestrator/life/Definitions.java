package io.stillframe.orchestrator.life;

import io.stillframe.db.JobChange;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.Domain;
import io.stillframe.guest.Domain.OtherDisks;
import io.stillframe.guest.DomainId;
import java.nio.file.Path;
import java.util.List;

/** What jobs change of the definitions of machines. */
final class Definitions {
    private Definitions() {}

    /** Has a machine that is off start with what a job's changes lead to. Does nothing where nothing moves. */
    static void move(Domain domain, List<JobChange> changes) {
        List<DiskImage> moved = changes.stream()
                .filter(change -> !change.from().equals(change.to()))
                .map(Definitions::image)
                .toList();
        if (!moved.isEmpty()) {
            domain.redefine(moved);
        }
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
