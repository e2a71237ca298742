package io.stillframe.orchestrator.simulation;

import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.recovery.Finding;
import io.stillframe.orchestrator.recovery.FrozenGuests;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.state.RecoveryAction;
import io.stillframe.orchestrator.workflow.RecoverRun;
import io.stillframe.orchestrator.workflow.TakeSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a process of Stillframe is started for; each does what the command of that name does, in the same order. */
enum Command {
    SNAPSHOT {
        @Override
        Exit run(World world, Session session) {
            try (Domain domain =
                    session.machines().hypervisor().domain(world.vm().name())) {
                note(world, session.heldGuests().release(domain.id().uuid()::equals, vm -> {}));
                Journal journal = session.journal();
                recover(world, session, journal);
                Optional<RunState> unsettled = unsettled(journal, domain.id());
                return unsettled
                        .map(state -> state.mayBeHeld() ? Exit.MAY_BE_FROZEN : Exit.REFUSED)
                        .orElseGet(() -> take(world, session, journal, domain));
            }
        }
    },
    RECONCILE {
        @Override
        Exit run(World world, Session session) {
            List<Finding> findings =
                    new ArrayList<>(note(world, session.heldGuests().release(any -> true, vm -> {})));
            Journal journal = session.journal();
            findings.addAll(recover(world, session, journal));
            Set<java.util.UUID> claimed =
                    journal.unfinished().stream().map(Run::vm).collect(Collectors.toSet());
            FrozenGuests frozen =
                    new FrozenGuests(session.machines().hypervisor(), vm -> {}, session.timing(), session.patience());
            findings.addAll(note(world, frozen.find(claimed, false)));
            session.heldGuests().leaveAll();
            return findings.stream().anyMatch(of -> of.status() == Finding.Status.MAY_BE_FROZEN)
                    ? Exit.MAY_BE_FROZEN
                    : Exit.OTHER;
        }
    },
    THAW {
        @Override
        Exit run(World world, Session session) {
            DomainId vm = world.vm();
            Lease lease = session.leases().peek(vm.uuid()).orElse(Lease.unknown(vm));
            Rescue rescue = new Rescue(session.machines().hypervisor(), session.timing(), session.patience());
            Thaw thaw = rescue.of(lease, Duration.ZERO);
            world.coverage.means(thaw.by());
            if (thaw.confirmed()) {
                return Exit.OTHER;
            }
            world.tell("thaw", session.machines().guard().goOn(lease));
            return Exit.MAY_BE_FROZEN;
        }
    };

    /** How a process ended, as far as the promises go. */
    enum Exit {
        MAY_BE_FROZEN,
        REFUSED,
        UNREACHABLE,
        OTHER
    }

    abstract Exit run(World world, Session session);

    /** The whole life of a process. */
    void live(World world, SimulatedProcess process) {
        Exit exit;
        try (Session session = new Session(world, process)) {
            exit = answered(world, session, process);
        } catch (JournalException e) {
            world.tell(process.name, "the journal failed: " + e.getMessage());
            exit = Exit.OTHER;
        }
        world.tell(process.name, "ends: " + exit);
        world.promises.atExit(this, exit);
    }

    private Exit answered(World world, Session session, SimulatedProcess process) {
        try {
            return run(world, session);
        } catch (GuestException e) {
            world.tell(process.name, "libvirt cannot be asked: " + e.getMessage());
            boolean held = !new LeaseFiles(world.disk.root()).held().isEmpty();
            if (held) {
                session.heldGuests().leaveAll().forEach(left -> world.tell(process.name, left));
            }
            return held || this == THAW ? Exit.MAY_BE_FROZEN : Exit.UNREACHABLE;
        }
    }

    private static Exit take(World world, Session session, Journal journal, Domain domain) {
        TakeSnapshot snapshot = new TakeSnapshot(
                journal, session.machines(), world.clock, session.timing(), world.troubles::interrupted);
        try {
            Run run = snapshot.of(domain, world.nextRun(), world.plan.options());
            world.tell("run " + run.id().value(), "ended as " + run.state() + ": " + run.result());
            return run.state() == RunState.THAW_OVERDUE ? Exit.MAY_BE_FROZEN : Exit.OTHER;
        } catch (JournalException e) {
            world.tell("run", "the journal failed: " + e.getMessage());
            return Exit.OTHER;
        } catch (RuntimeException e) {
            throw new AssertionError("the run broke: " + e, e);
        }
    }

    private static Optional<RunState> unsettled(Journal journal, DomainId vm) {
        return journal.unfinished().stream()
                .filter(run -> run.vm().equals(vm.uuid()))
                .map(Run::state)
                .filter(state -> state != RunState.QUARANTINED)
                .findFirst();
    }

    private static List<Finding> recover(World world, Session session, Journal journal) {
        RecoverRun planned = session.recover(journal);
        journal.unfinished().forEach(run -> {
            world.coverage.recovery(RecoveryAction.of(run.state()));
            world.tell("run " + run.id().value(), "is found as " + run.state() + ": " + planned.planned(run));
        });
        return note(world, session.reconcile(journal).all());
    }

    private static List<Finding> note(World world, List<Finding> findings) {
        findings.forEach(finding -> {
            world.tell("recovery", finding.status() + ": " + finding.detail());
            if (finding.detail().contains("no transition from")) {
                throw new AssertionError(finding.detail());
            }
        });
        return findings;
    }
}
