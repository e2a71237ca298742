package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.Freeze;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.FreezeLease;
import io.stillframe.orchestrator.lease.Release;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.VolumeSnapshot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything one run holds of its machine, made ready before the freeze: the five steps' effects. */
final class Window implements AutoCloseable {
    private final Handles handles;
    private final Examination examination;
    private final VolumeSet volumes;
    private final FreezeLease lease;
    private final SnapshotOptions options;
    private final Timing timing;
    private int frozen;

    private Window(
            Handles handles,
            Examination examination,
            VolumeSet volumes,
            FreezeLease lease,
            SnapshotOptions options,
            Timing timing) {
        this.handles = handles;
        this.examination = examination;
        this.volumes = volumes;
        this.lease = lease;
        this.options = options;
        this.timing = timing;
    }

    /**
     * Examines the machine and opens all connections.
     *
     * @throws RunFailed when the run is refused; the machine was not touched
     */
    static Window open(Machines machines, Timing timing, Domain domain, RunId run, SnapshotOptions options) {
        try {
            Examination examination = new Examine(machines, options).of(domain);
            examination.refusal(domain.id().name()).map(Problem::failure).ifPresent(failure -> {
                throw failure;
            });
            Handles handles = Handles.open(machines, domain);
            Release release = new Release(handles.guard(), handles.thawAgent(), timing, options.thawLimit());
            return new Window(
                    handles,
                    examination,
                    examination.volumeSet(run),
                    new FreezeLease(release, timing, options.freezeLimit()),
                    options,
                    timing);
        } catch (GuestException | UncheckedIOException e) {
            throw new RunFailed(new Problem(
                    ErrorCode.HYPERVISOR_UNREACHABLE,
                    "vm '%s' was not touched: %s".formatted(domain.id().name(), e.getMessage()),
                    "see 'virsh domstate' and libvirtd's log, then try again"));
        }
    }

    List<VolumeSnapshot> planned() {
        return volumes.planned();
    }

    boolean freezes() {
        return examination.freeze().freezes();
    }

    void prepare() {
        volumes.prepare();
        boolean sync = freezes() && examination.mayExec();
        if (sync && !GuestSync.untilLittleIsDirty(handles.agent(), timing)) {
            refuseUnlessCrashWillDo("the guest could not write its dirty data out within %d s, so its freeze would "
                            .formatted(GuestSync.LIMIT.toSeconds())
                    + "last longer than that");
        }
    }

    void freeze() {
        try {
            frozen = lease.freeze(handles.agent());
        } catch (GuestException e) {
            refuseUnlessCrashWillDo("the freeze failed: " + e.getMessage());
        }
        int expected = examination.freeze().expected();
        if (frozen != expected) {
            refuseUnlessCrashWillDo("the freeze held %d of %d filesystems".formatted(frozen, expected));
        }
    }

    /** A machine that does not run is at one instant already, and its pause is not ours to end. */
    void quiesce() {
        if (examination.state() == DomainState.RUNNING) {
            volumes.quiesce(handles.domain(), lease);
        }
    }

    void snapshot() {
        if (lease.expired()) {
            refuseUnlessCrashWillDo("the freeze reached its limit before the snapshot");
        }
        volumes.create();
    }

    void update() {
        volumes.update();
    }

    /** Makes sure that the release has been made, or has been given up; never throws. */
    void release() {
        lease.close();
    }

    /** What the release brought; nothing was owed where nothing was held. */
    Optional<Thaw> thaw() {
        return lease.owed() ? Optional.of(lease.release()) : Optional.empty();
    }

    void requireReleased() {
        thaw().filter(thaw -> !thaw.confirmed()).ifPresent(thaw -> {
            throw overdue(thaw).failure();
        });
    }

    Problem overdue(Thaw thaw) {
        return new Problem(
                ErrorCode.THAW,
                "thaw not confirmed for vm '%s': guest may still be frozen (%s)".formatted(name(), thaw.how()),
                "run 'stillframe thaw %s'".formatted(name()));
    }

    /** Makes sure that the machine and its definition go on where they must. */
    void verify() {
        volumes.verify();
    }

    /**
     * The end of a run whose steps all went well.
     *
     * @throws RunFailed when less was proved than is required
     */
    Ending proved() {
        Verdict verdict = verdict();
        if (!verdict.consistency().atLeast(required())) {
            throw new RunFailed(new Problem(
                    ErrorCode.CONSISTENCY,
                    "the snapshot of vm '%s' is only '%s' where '%s' is required, so it was discarded: %s"
                            .formatted(
                                    name(),
                                    verdict.consistency().label(),
                                    required().label(),
                                    verdict.doubts()),
                    "try again, or accept it with --require crash"));
        }
        return new Ending(
                new RunResult(Optional.of(verdict.consistency()), freezeRecord(), Optional.empty()),
                verdict.evidence());
    }

    /** The end of a run that failed. */
    Ending failed(Problem problem) {
        return new Ending(
                new RunResult(Optional.empty(), freezeRecord(), Optional.of(Ending.error(problem))),
                lease.owed() ? verdict().evidence() : List.of());
    }

    private Optional<Freeze> freezeRecord() {
        return thaw().filter(thaw -> freezes()).map(thaw -> new Freeze(frozen, thaw.window()));
    }

    /** Rolls back what was made of the volumes; what could not be is returned, in words. */
    List<String> discard() {
        return volumes.discard();
    }

    String name() {
        return handles.domain().id().name();
    }

    @Override
    public void close() {
        lease.close();
        handles.close();
    }

    private Verdict verdict() {
        return thaw().filter(thaw -> freezes())
                .map(thaw -> Verdict.of(examination.freeze(), frozen, thaw, lease.expired(), options.freezeLimit()))
                .map(verdict -> verdict.with(examination.freeze().uncovered(volumes.planned())))
                .orElseGet(() -> Verdict.withoutFreeze(examination.freeze().reason()));
    }

    private Consistency required() {
        return examination.state() == DomainState.RUNNING
                ? options.requiredWhileRunning()
                : options.required().orElse(Consistency.CRASH);
    }

    private void refuseUnlessCrashWillDo(String reason) {
        if (required().atLeast(Consistency.FILESYSTEM)) {
            throw new RunFailed(new Problem(
                    ErrorCode.FREEZE,
                    "no snapshot of vm '%s' was taken: %s".formatted(name(), reason),
                    "see 'stillframe doctor %s', or accept a snapshot without a sound freeze with --require crash"
                            .formatted(name())));
        }
    }

    /** The handles of one run, each with its own connection: two for the work, two that only the release uses. */
    private record Handles(Domain domain, GuestAgent agent, Domain guard, GuestAgent thawAgent) {
        static Handles open(Machines machines, Domain domain) {
            List<Runnable> opened = new ArrayList<>();
            try {
                Hypervisor hypervisor = machines.hypervisor();
                GuestAgent agent = hypervisor.agent(domain.id());
                opened.add(agent::close);
                Domain guard = hypervisor.domain(domain.id());
                opened.add(guard::close);
                return new Handles(domain, agent, guard, hypervisor.agent(domain.id()));
            } catch (GuestException e) {
                opened.forEach(Runnable::run);
                throw e;
            }
        }

        void close() {
            agent.close();
            guard.close();
            thawAgent.close();
        }
    }
}
