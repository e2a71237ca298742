package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Intent;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.db.Transition;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.state.RecoveryAction;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Brings a run to its end whose own process did not: the journal says how far it came, the guest and the storage are
 * asked what is true. The guest comes first, and what ends an ordinary run that broke ends this one too.
 */
public final class RecoverRun {
    private final Journal journal;
    private final Machines machines;
    private final Clock clock;
    private final Timing timing;
    private final Duration patience;
    private final ProveSnapshot proof;

    /** @param patience how long a release goes on trying */
    public RecoverRun(Journal journal, Machines machines, Clock clock, Timing timing, Duration patience) {
        this.journal = journal;
        this.machines = machines;
        this.clock = clock;
        this.timing = timing;
        this.patience = patience;
        this.proof = new ProveSnapshot(journal, machines, clock, timing);
    }

    /**
     * Recovers one run.
     *
     * @param intervention what a sentinel did for its guest, where that is known
     * @return the run as it is then
     * @throws GuestException when libvirt cannot be asked; the run stays as it was
     */
    public Run of(Run run, Optional<Intervention> intervention) {
        if (RecoveryAction.of(run.state()) == RecoveryAction.LEAVE) {
            return run;
        }
        Progress progress = Progress.resume(journal, clock, run);
        try (Domain domain = machines.hypervisor().domain(new DomainId(run.vm(), run.vmName()))) {
            CutShort attempt = asItIs(run, domain, intervention);
            end(progress, attempt, domain);
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                throw e;
            }
            progress.end(RunState.QUARANTINED, Ending.refused(gone(run)));
        }
        return progress.run();
    }

    /** What would be done for a run, the guest left alone. */
    public RecoveryAction planned(Run run) {
        RecoveryAction action = RecoveryAction.of(run.state());
        return action == RecoveryAction.RELEASE_AGAIN ? RecoveryAction.of(stateBefore(run)) : action;
    }

    private CutShort asItIs(Run run, Domain domain, Optional<Intervention> intervention) {
        Optional<Intent> intent = journal.intent(run.id());
        VolumeSet volumes =
                VolumeSet.of(journal.volumes(run.id()), machines.drivers().of(domain));
        Optional<Thaw> thaw = Optional.empty();
        if (RecoveryAction.mayBeHeld(run.state())) {
            Lease lease = lease(run, domain, intent, volumes);
            thaw = Optional.of(intervention
                    .map(Intervention::thaw)
                    .filter(Thaw::confirmed)
                    .orElseGet(() -> new Rescue(machines.hypervisor(), timing, patience).of(lease, Rescue.SETTLE)));
        }
        return new CutShort(run, intent, journal.evidence(run.id()), volumes, thaw, intervention);
    }

    private void end(Progress progress, CutShort attempt, Domain domain) {
        CutShort known = attempt;
        try {
            attempt.requireReleased();
            if (planned(attempt.run()) != RecoveryAction.RESUME) {
                throw cutShort(attempt.run()).failure();
            }
            known = resume(progress, attempt);
            Intent intent = known.intent().orElseThrow();
            Verdict verdict = proof.of(known.run(), domain, intent, known.journaledVerdict());
            known = known.with(known.run(), verdict.evidence());
            verdict.require(intent.required(), known.name());
            progress.end(RunState.COMPLETED, known.ending(verdict));
        } catch (RuntimeException e) {
            // as in a run of our own: the guest is released, and what can be taken back is
            RollBack.of(progress, known, e);
        }
    }

    private CutShort resume(Progress progress, CutShort attempt) {
        if (progress.state() != RunState.RELEASED) {
            attempt.volumes().update();
            if (progress.state() == RunState.SNAPSHOTTED) {
                progress.step(RunState.UPDATED, () -> {});
            }
            progress.release(attempt::released);
        }
        attempt.volumes().verify();
        return attempt.with(progress.run(), journal.evidence(attempt.run().id()));
    }

    private static Lease lease(Run run, Domain domain, Optional<Intent> intent, VolumeSet volumes) {
        boolean freezes = intent.map(of -> of.filesystems().isPresent()).orElse(true);
        return new Lease(
                domain.id(),
                Optional.of(run.id().value()),
                Duration.ZERO,
                freezes,
                volumes.needPause(),
                Set.of(),
                Lease.SysRq.UNKNOWN);
    }

    private RunState stateBefore(Run run) {
        return journal.transitions(run.id()).stream()
                .map(Transition::state)
                .filter(state -> state != RunState.THAW_OVERDUE)
                .reduce((earlier, later) -> later)
                .orElse(RunState.FREEZING);
    }

    private static Problem cutShort(Run run) {
        return new Problem(
                ErrorCode.CUT_SHORT,
                "the run of vm '%s' was cut short as %s: its process ended; the guest is thawed and nothing is left"
                        .formatted(run.vmName(), run.state()),
                "run it again");
    }

    private static Problem gone(Run run) {
        return new Problem(
                ErrorCode.UNKNOWN_VM,
                "vm '%s' (%s) of a run that was cut short as %s is no more; what the run made of its disks is left alone"
                        .formatted(run.vmName(), run.vm(), run.state()),
                "see 'stillframe show %s' for its files".formatted(run.id().value()));
    }
}
