package io.stillframe.orchestrator.workflow;

import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FREEZING;
import static io.stillframe.db.RunState.PREPARED;
import static io.stillframe.db.RunState.QUIESCED;
import static io.stillframe.db.RunState.SNAPSHOTTED;
import static io.stillframe.db.RunState.UPDATED;

import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Clock;
import java.util.function.BooleanSupplier;

/**
 * Takes a snapshot of one machine: freeze, quiesce, snapshot, update, release.
 *
 * <p>Everything slow comes before the freeze and everything that can wait comes after the release. The release is not a
 * step's result but an obligation: it is made at the end of the window whatever ended it, and by the lease at its limit
 * even while this thread is stuck. What the snapshot may be called is proved when the guest is free again.
 */
public final class TakeSnapshot {
    private final Journal journal;
    private final Machines machines;
    private final Clock clock;
    private final Timing timing;
    private final BooleanSupplier interrupted;

    /**
     * Wires the use case; the clock gives the journal's times, the timing measures the window.
     *
     * @param interrupted whether the operator has asked to end
     */
    public TakeSnapshot(Journal journal, Machines machines, Clock clock, Timing timing, BooleanSupplier interrupted) {
        this.journal = journal;
        this.machines = machines;
        this.clock = clock;
        this.timing = timing;
        this.interrupted = interrupted;
    }

    /** Takes the snapshot, or ends with the guest thawed and nothing left behind; the run returned says which. */
    public Run of(Domain domain, RunId id, SnapshotOptions options) {
        return of(domain, id, options, Member.ALONE);
    }

    /** The same in a group: it goes together with the others, or by the rule of the group without them. */
    public Run of(Domain domain, RunId id, SnapshotOptions options, Member member) {
        machines.guard().makeReady();
        Progress run = Progress.begin(journal, clock, interrupted, id, domain.id());
        try (Window window = Window.open(machines, timing, domain, id, options)) {
            take(run, window, new ProveSnapshot(journal, machines, clock, timing), member);
        } catch (RunFailed e) {
            member.fell(e);
            run.refuse(e.problem());
        }
        return run.run();
    }

    private static void take(Progress run, Window window, ProveSnapshot proof, Member member) {
        try {
            run.intend(window.intent());
            try {
                run.step(PREPARED, () -> prepare(window, member));
                holdAndSnapshot(run, window, member);
            } finally {
                window.release(); //                       5 release: whatever happened
            }
            run.release(window::released);
            window.verify();
            window.prove(proof, run.run());
            run.end(COMPLETED, member.accepted(window.accepted(), window.thawLimit()));
        } catch (RuntimeException e) {
            // whatever it was, a fault of ours included: the guest is released, what was made is rolled back
            member.fell(e);
            RollBack.of(run, run.state(), window, e);
        }
    }

    private static void prepare(Window window, Member member) {
        window.prepare();
        member.prepared();
        window.holdApplications();
        member.told(window.hookLimit());
        window.arm();
    }

    private static void holdAndSnapshot(Progress run, Window window, Member member) {
        try {
            if (window.freezes()) {
                run.barrier(FREEZING);
                member.ready();
                run.freeze(window::freeze); //                 1 freeze
                run.step(QUIESCED, window::quiesce); //        2 quiesce
            } else {
                run.barrier(QUIESCED);
                member.ready();
                window.quiesce();
            }
            member.held(window);
            run.step(SNAPSHOTTED, () -> snapshot(window, member)); // 3 snapshot
            run.step(UPDATED, window::update); //              4 update the image
        } catch (RuntimeException e) {
            member.fell(e); // before the release: the others are held until they know
            throw e;
        }
    }

    /** Whatever keeps the others from theirs comes before this one is journaled as there: so far all can be taken back. */
    private static void snapshot(Window window, Member member) {
        window.snapshot();
        member.taken(window);
    }
}
