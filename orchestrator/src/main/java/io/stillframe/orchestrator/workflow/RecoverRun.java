package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.GroupRule;
import io.stillframe.db.Intent;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunGroup;
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
import io.stillframe.orchestrator.state.RecoveryAction;
import io.stillframe.storage.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a run to its end whose own process did not: the journal says how far it came, the guest and the storage are
 * asked what is true. The guest comes first, and what ends an ordinary run that broke ends this one too.
 */
public final class RecoverRun {
    private static final Logger LOG = LoggerFactory.getLogger(RecoverRun.class);

    private final Journal journal;
    private final Machines machines;
    private final Clock clock;
    private final Rescue rescue;
    private final Function<Lease, String> goesOn;
    private final ProveSnapshot proof;

    /** @param goesOn leaves a guest that cannot be released to a sentinel, and says who goes on */
    public RecoverRun(Journal journal, Machines machines, Clock clock, Rescue rescue, Function<Lease, String> goesOn) {
        this.journal = journal;
        this.machines = machines;
        this.clock = clock;
        this.rescue = rescue;
        this.goesOn = goesOn;
        this.proof = new ProveSnapshot(journal, machines, clock, rescue.timing());
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

    /**
     * Lets the disks of a run's machine go on where a command of the storage was killed with them suspended: a guest that
     * nobody could release so far may wait for just that. Nothing else is done for the run.
     *
     * @return {@code Done} where some were held back and go on now
     */
    public Outcome resumeDisks(Run run) {
        if (!mayHoldDisksBack(run)) {
            return new Outcome.AlreadyDone();
        }
        try (Domain domain = machines.hypervisor().domain(new DomainId(run.vm(), run.vmName()))) {
            return volumes(run, domain).resume();
        } catch (RuntimeException e) {
            return new Outcome.Indeterminate(String.valueOf(e.getMessage()));
        }
    }

    /** What would be done for a run, the guest left alone. */
    public RecoveryAction planned(Run run) {
        return RecoveryAction.of(reached(run));
    }

    /** How far it has come, whatever became of its release. */
    private RunState reached(Run run) {
        return run.state() == RunState.THAW_OVERDUE ? stateBefore(run) : run.state();
    }

    /** The guest first: neither a journal nor a driver that fails may keep it from its release. */
    private CutShort asItIs(Run run, Domain domain, Optional<Intervention> intervention) {
        Optional<Thaw> thaw = Optional.empty();
        Lease lease = Lease.unknown(domain.id());
        if (run.state().mayBeHeld()) {
            Lease held = lease(run, domain);
            lease = held;
            thaw = Optional.of(intervention
                    .map(Intervention::thaw)
                    .filter(Thaw::confirmed)
                    .orElseGet(() -> release(run, domain, held)));
        }
        Lease left = lease;
        return new CutShort(
                run,
                journal.intent(run.id()),
                journal.evidence(run.id()),
                volumes(run, domain),
                thaw,
                intervention,
                () -> goesOn.apply(left));
    }

    /** A guest whose disk is held back does not come out of its thaw: that is looked for when it has not. */
    private Thaw release(Run run, Domain domain, Lease held) {
        Thaw thaw = rescue.of(held, Rescue.SETTLE);
        if (thaw.confirmed() || !mayHoldDisksBack(run)) {
            return thaw;
        }
        known(() -> volumes(run, domain).resume());
        return rescue.of(held, Rescue.SETTLE);
    }

    /** Whether a command of the storage may have been killed in the middle of its work on the machine's disks. */
    private static boolean mayHoldDisksBack(Run run) {
        return Set.of(RunState.QUIESCED, RunState.SNAPSHOTTED, RunState.UPDATED, RunState.THAW_OVERDUE)
                .contains(run.state());
    }

    private void end(Progress progress, CutShort attempt, Domain domain) {
        CutShort known = attempt;
        try {
            attempt.requireReleased();
            if (planned(attempt.run()) != RecoveryAction.RESUME) {
                throw cutShort(attempt.run()).failure();
            }
            Optional<RunGroup> group = journal.groupOf(attempt.run().id());
            known = resume(progress, attempt, domain, group);
            Verdict verdict = verdict(known, domain, group);
            known = known.with(known.run(), verdict.evidence());
            verdict.require(known.intent().orElseThrow().required(), known.name());
            progress.end(RunState.COMPLETED, ending(known, verdict, group));
        } catch (RuntimeException e) {
            // as in a run of our own: the guest is released, and what can be taken back is
            RollBack.of(progress, reached(attempt.run()), known, e);
        }
    }

    private CutShort resume(Progress progress, CutShort attempt, Domain domain, Optional<RunGroup> group) {
        if (progress.state() == RunState.RELEASED) {
            proof.close(progress.run(), domain, attempt.intent().orElseThrow());
        } else {
            attempt.volumes().update();
            if (progress.state() == RunState.SNAPSHOTTED) {
                progress.step(RunState.UPDATED, () -> {});
            }
            progress.release(attempt::released);
        }
        attempt.volumes().verify();
        requireGroup(attempt, group);
        return attempt.with(progress.run(), journal.evidence(attempt.run().id()));
    }

    /** A group that is not proved never will be: what was known of its members' stands went with their process. */
    private static void requireGroup(CutShort attempt, Optional<RunGroup> group) {
        boolean missing = group.filter(of ->
                        of.rule() == GroupRule.ALL_OR_NOTHING && of.proof().isEmpty())
                .isPresent();
        if (missing) {
            throw Member.apart(attempt.name(), "it was cut short");
        }
    }

    /**
     * What can be said of it. What a proved group required was proved of each member before: their disks are not asked
     * again, for one that cannot be read now would be taken from the others.
     */
    private Verdict verdict(CutShort attempt, Domain domain, Optional<RunGroup> group) {
        Intent intent = attempt.intent().orElseThrow();
        Verdict live = attempt.journaledVerdict();
        boolean proved =
                group.flatMap(RunGroup::proof).isPresent() && intent.required().atLeast(Consistency.FILESYSTEM);
        return proved
                ? live.with(List.of(new Evidence("disk", true, "asked before the group was proved, and not again")))
                : proof.of(attempt.run(), domain, intent, live);
    }

    private static Ending ending(CutShort attempt, Verdict verdict, Optional<RunGroup> group) {
        Ending ending = attempt.ending(verdict);
        return group.map(of -> Member.with(ending, evidence(attempt, of))).orElse(ending);
    }

    private static Evidence evidence(CutShort attempt, RunGroup group) {
        String others = group.members().stream()
                .filter(run -> !run.equals(attempt.run().id()))
                .map(run -> "run " + run.value())
                .collect(Collectors.joining(", "));
        return Member.evidence(group.proof(), others, Optional.of("the group was cut short"));
    }

    private VolumeSet volumes(Run run, Domain domain) {
        return VolumeSet.of(journal.volumes(run.id()), machines.drivers().of(domain));
    }

    /**
     * What it may hold, by what can be read of its intent. A run that was to freeze nothing and paused its machine left
     * a lease that said so, and whoever saw to it has resumed; one that found its machine paused leaves it so.
     */
    private Lease lease(Run run, Domain domain) {
        boolean freezes = known(() -> journal.intent(run.id())
                        .map(of -> of.filesystems().isPresent())
                        .orElse(true))
                .orElse(true);
        boolean pauses = freezes
                && known(() -> volumes(run, domain).needPause() || pausesForItsGroup(run))
                        .orElse(true);
        return new Lease(
                domain.id(),
                Optional.of(run.id().value()),
                Duration.ZERO,
                freezes,
                pauses,
                Set.of(),
                Lease.SysRq.UNKNOWN);
    }

    /** As its {@link Window} did. */
    private boolean pausesForItsGroup(Run run) {
        return journal.groupOf(run.id()).isPresent()
                && journal.intent(run.id())
                        .filter(intent -> intent.required() == Consistency.CRASH)
                        .isPresent();
    }

    private static <T> Optional<T> known(Supplier<T> question) {
        try {
            return Optional.of(question.get());
        } catch (RuntimeException e) {
            LOG.warn("what the run held is not known: {}", e.getMessage());
            return Optional.empty();
        }
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
