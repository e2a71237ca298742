package io.stillframe.orchestrator.life;

import io.stillframe.db.Job;
import io.stillframe.db.JobChange;
import io.stillframe.db.JobKind;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes new, writable volumes of a snapshot and, where a name is given, a machine of them, which is not started.
 *
 * <p>Crash argument: until the last effect nobody uses any of it, so a clone that was interrupted is taken back. With a
 * name the last effect is the definition: where the new machine is defined, all its volumes are there, and the clone is
 * done. Its UUID comes from the job's id, so it is found again and no other machine is taken for it.
 */
public final class CloneSnapshot {
    /** libvirt writes a definition to {@code NAME.xml.new} first, and a file's name has 255 bytes at most. */
    private static final int NAME_MAX = 255 - ".xml.new".length();

    private final Workplace place;

    public CloneSnapshot(Workplace place) {
        this.place = place;
    }

    /** Makes the clone, or ends with nothing left behind. */
    public Cloned of(Snapshot snapshot, RunId id, Optional<String> name) {
        Remarks remarks = new Remarks();
        JobResult result = JobResult.attempted(() -> {
            Admission.requirePresent(snapshot);
            Admission.requireSettled(place.journal(), snapshot);
            name.ifPresent(this::requireFree);
            try (StoredSnapshot stored =
                    StoredSnapshot.open(place.machines(), snapshot, place.pace().bytesPerSecond())) {
                name.ifPresent(of -> stored.requireMachine("no vm '%s' can be defined".formatted(of)));
                List<JobChange> changes = stored.plan((store, volume) -> store.planClone(volume, id.label()));
                name.ifPresent(of -> requireClonable(stored, machine(id, of), changes));
                Undertaking job =
                        Undertaking.begin(place, snapshot, new Undertaking.Intent(id, JobKind.CLONE, name, changes));
                return carry(job, stored, remarks);
            }
        });
        return new Cloned(result, remarks.all);
    }

    /**
     * What came of it.
     *
     * @param remarks what the new machine has not, or has otherwise than the old one, in words for people
     */
    public record Cloned(JobResult result, List<String> remarks) {}

    private static final class Remarks {
        private List<String> all = List.of();
    }

    /** Ends a clone of an earlier process: done where its machine is there, taken back otherwise. */
    JobResult resume(Undertaking job, StoredSnapshot stored) {
        try {
            return isDefined(job.job()) ? job.done() : takeBack(job, stored, Undertaking.CUT_SHORT);
        } catch (RuntimeException e) {
            return job.left(JobStopped.of(e, job.job()).problem());
        }
    }

    private JobResult carry(Undertaking job, StoredSnapshot stored, Remarks remarks) {
        try {
            make(job.job(), stored);
            if (job.job().name().isPresent()) {
                remarks.all = Definitions.clone(
                        stored.domain(), machine(job.job()), job.job().changes());
            }
            return job.done();
        } catch (GuestException e) {
            Problem problem = new Problem(ErrorCode.DEFINITION, e.getMessage(), "see libvirtd's log, then try again");
            // a definition whose answer was lost is there or not: whoever asks libvirt later knows
            return e.failure().effectUnknown() ? job.left(problem) : takeBack(job, stored, problem);
        } catch (RuntimeException e) {
            return takeBack(job, stored, JobStopped.of(e, job.job()).problem());
        }
    }

    private void make(Job job, StoredSnapshot stored) {
        stored.each(
                job.changes(),
                (part, change) -> place.pace()
                        .during(
                                JobWords.doing(job, change.disk()),
                                meter -> part.store().makeClone(part.volume(), change, meter)));
    }

    private static JobResult takeBack(Undertaking job, StoredSnapshot stored, Problem problem) {
        List<String> leftovers =
                stored.every(job.job().changes(), (part, change) -> part.store().removeClone(part.volume(), change));
        return job.takenBack(problem, leftovers, "nothing of it is left");
    }

    /** Whether a machine can be made of this one, as far as its definition tells: asked before hours of copying, too. */
    private static void requireClonable(StoredSnapshot stored, DomainId clone, List<JobChange> changes) {
        Definitions.unclonable(stored.domain(), clone, changes).ifPresent(reason -> {
            throw JobStopped.untouched(
                    ErrorCode.DEFINITION,
                    "nothing was cloned: no vm '%s' can be defined like vm '%s': %s"
                            .formatted(clone.name(), stored.snapshot().vmName(), reason),
                    "clone without --name, and define a machine on the volumes by hand");
        });
    }

    /** A name that libvirt takes, and nobody has. Asked now and not after hours of copying. */
    private void requireFree(String name) {
        if (name.isBlank()
                || name.contains("/")
                || name.chars().anyMatch(Character::isISOControl)
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
            throw JobStopped.untouched(
                    ErrorCode.DEFINITION,
                    "nothing was cloned: '%s' is no name for a vm: it is empty, has a '/' or a control character, or is longer than %d bytes"
                            .formatted(name, NAME_MAX),
                    "give another --name");
        }
        try (Domain other = place.machines().hypervisor().domain(name)) {
            throw JobStopped.untouched(
                    ErrorCode.DEFINITION,
                    "nothing was cloned: there is a vm '%s' already (%s)"
                            .formatted(name, other.id().uuid()),
                    "give another --name");
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                throw e;
            }
        }
    }

    private boolean isDefined(Job job) {
        if (job.name().isEmpty()) {
            return false;
        }
        try (Domain clone = place.machines().hypervisor().domain(machine(job))) {
            return clone.id().uuid().equals(machine(job).uuid());
        } catch (GuestException e) {
            if (e.failure() == GuestFailure.NO_SUCH_DOMAIN) {
                return false;
            }
            throw e;
        }
    }

    /** The machine that a clone with a name makes. */
    public static DomainId machine(Job job) {
        return machine(job.id(), job.name().orElseThrow());
    }

    private static DomainId machine(RunId job, String name) {
        String seed = "stillframe clone " + job.value();
        return new DomainId(UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)), name);
    }
}
