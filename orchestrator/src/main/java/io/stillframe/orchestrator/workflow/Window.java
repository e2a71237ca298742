package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.Freeze;
import io.stillframe.db.Intent;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunResult;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.FreezeLease;
import io.stillframe.orchestrator.lease.GuardedRelease;
import io.stillframe.orchestrator.lease.GuestRelease;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Everything one run holds of its machine, made ready before the freeze: the five steps' effects. */
final class Window implements Attempt, AutoCloseable {
    private final Handles handles;
    private final Examination examination;
    private final VolumeSet volumes;
    private final Safeguards safeguards;
    private final ApplicationHold applications;
    private final FreezeLease lease;
    private final SnapshotOptions options;
    private final Timing timing;
    private final Requirement requirement;
    private final boolean pauses;
    private final Standstill standstill;
    private int frozen;
    private boolean quiesced;
    private long heldFrom;
    private long takenFrom;
    private long takenTo;
    private Optional<Verdict> proved = Optional.empty();

    private Window(
            Handles handles,
            Examination examination,
            VolumeSet volumes,
            Safeguards safeguards,
            ApplicationHold applications,
            FreezeLease lease,
            SnapshotOptions options,
            Requirement requirement,
            boolean pauses,
            Timing timing) {
        this.handles = handles;
        this.examination = examination;
        this.volumes = volumes;
        this.safeguards = safeguards;
        this.applications = applications;
        this.lease = lease;
        this.options = options;
        this.requirement = requirement;
        this.pauses = pauses;
        this.timing = timing;
        this.standstill = new Standstill(
                examination.freeze().toBeWatched(),
                volumes.planned().stream().map(VolumeSnapshot::disk).collect(Collectors.toSet()));
    }

    /**
     * Examines the machine and opens all connections.
     *
     * @throws RunFailed when the run is refused; the machine was not touched
     */
    static Window open(Machines machines, Timing timing, Domain domain, RunId run, SnapshotOptions asked) {
        try {
            Examination examination = new Examine(machines, asked).of(domain);
            examination.refusal(domain.id().name()).map(Problem::failure).ifPresent(failure -> {
                throw failure;
            });
            SnapshotOptions options = asked.holding(examination.freeze().hold());
            VolumeSet volumes = examination.volumeSet(run);
            Handles handles = Handles.open(machines.hypervisor(), domain);
            Requirement requirement =
                    new Requirement(domain.id().name(), examination.state() == DomainState.RUNNING, options);
            boolean pauses = requirement.pauses(volumes);
            Lease terms = examination.lease(domain.id(), run, options.freezeLimit(), pauses);
            GuestRelease release =
                    new GuestRelease(handles.guard(), handles.thawAgent(), terms, timing, options.thawLimit());
            Safeguards safeguards = new Safeguards(machines.guard(), terms, run.label(), examination.noSwitch());
            ApplicationHold applications = new ApplicationHold(run.label(), options.hooks(), deadline(terms, options));
            FreezeLease lease = new FreezeLease(
                    new GuardedRelease(release, safeguards::intervention), timing, options.freezeLimit());
            return new Window(
                    handles,
                    examination,
                    volumes,
                    safeguards,
                    applications,
                    lease,
                    options,
                    requirement,
                    pauses,
                    timing);
        } catch (CommandException e) {
            throw new RunFailed(new Problem(
                    ErrorCode.DISK,
                    "vm '%s' was not touched: its storage does not answer: %s"
                            .formatted(domain.id().name(), e.getMessage()),
                    "see 'stillframe doctor %s', then try again"
                            .formatted(domain.id().name())));
        } catch (GuestException | UncheckedIOException e) {
            throw new RunFailed(new Problem(
                    ErrorCode.HYPERVISOR_UNREACHABLE,
                    "vm '%s' was not touched: %s".formatted(domain.id().name(), e.getMessage()),
                    "see 'virsh domstate' and libvirtd's log, then try again"));
        }
    }

    /** In a group those that hold wait for the others' hooks as well. */
    private static Duration deadline(Lease terms, SnapshotOptions options) {
        return options.grouped()
                ? terms.applicationDeadline().plus(options.hooks().limit())
                : terms.applicationDeadline();
    }

    /** What the run is going to do, for whoever has to go on with it. */
    Intent intent() {
        FreezePlan plan = examination.freeze();
        return new Intent(
                options.policy(),
                requirement.acceptable(),
                plan.freezes() ? OptionalInt.of(plan.expected()) : OptionalInt.empty(),
                options.freezeLimit(),
                beforehand(),
                volumes.recorded(),
                plan.held());
    }

    Duration thawLimit() {
        return options.thawLimit();
    }

    boolean freezes() {
        return examination.freeze().freezes();
    }

    /** The guest's dirty data first: what it writes out is what the storage has on its way, and writes out then. */
    void prepare() {
        boolean sync = freezes() && examination.mayExec();
        if (sync && !GuestSync.writeOut(handles.agent(), timing)) {
            throw requirement.refused(
                    "the guest could not write its dirty data out within %d s, and nobody could cut its freeze short"
                            .formatted(GuestSync.LIMIT.toSeconds()));
        }
        volumes.prepare();
    }

    /** The safeguards come last in the preparation: their deadlines run from then on. */
    void arm() {
        if (freezes() || pauses) {
            safeguards.arm(handles.agent(), lease::expire);
        }
    }

    /** For how long hooks may keep the guest, and those of other machines this one. */
    Duration hookLimit() {
        return options.hooks().limit();
    }

    void holdApplications() {
        if (freezes()) {
            applications.begin(handles.agent(), examination.noHooks(), requirement);
        }
    }

    int freeze() {
        requireCover();
        try {
            frozen = lease.freeze(handles.agent(), examination.freeze().volumes());
        } catch (GuestException e) {
            requirement.unlessCrashWillDo("the freeze failed: " + e.getMessage());
        }
        if (!safeguards.cover(Duration.ZERO)) {
            lease.expire(); // the sentinel died between the look at it and the freeze
        }
        int expected = examination.freeze().expected();
        if (frozen != expected) {
            requirement.unlessCrashWillDo("the freeze held %d of %d filesystems".formatted(frozen, expected));
        }
        standstill.begin(handles.domain());
        return frozen;
    }

    void quiesce() {
        if (pauses) {
            if (!freezes()) {
                requireCover();
            } else if (!safeguards.cover(Duration.ZERO)) {
                lease.expire(); // a sentinel that has acted guards nothing any more, and so nothing more is held
            }
            lease.pause(handles.domain());
        }
        volumes.quiesce();
        quiesced = true;
        heldFrom = timing.nanos();
    }

    /** For how long it waits for other machines now: what comes after takes its time too, within the same limit. */
    Duration patience() {
        return lease.left().dividedBy(2);
    }

    void snapshot() {
        if (lease.expired()) {
            requirement.unlessCrashWillDo("the freeze reached its limit before the snapshot");
        }
        // libvirt switches a machine that is off as well, and then nobody could merge the overlay back
        if (examination.state() == DomainState.RUNNING && handles.domain().state() == DomainState.SHUT_OFF) {
            requirement.unlessCrashWillDo("the machine went off before the snapshot");
        }
        takenFrom = timing.nanos();
        volumes.create();
        takenTo = timing.nanos();
        requireOneInstant();
        standstill.end(handles.domain());
    }

    /**
     * How the machine has stood still until now. Whether a freeze held all the while is for the verdict to say.
     *
     * @throws RunFailed when it has gone on
     */
    Stand stand() {
        long until = timing.nanos(); // before it is asked: what is known then is known of that moment
        boolean letGo = lease.owed() && (lease.expired() || !safeguards.cover(Duration.ZERO));
        if (letGo || ((pauses || !freezes()) && handles.domain().state() == DomainState.RUNNING)) {
            throw requirement.refused("the machine went on before those of its group were all taken");
        }
        return new Stand(heldFrom, takenFrom, takenTo, until);
    }

    /**
     * Volumes that are taken one after the other are of one instant only if the machine stood still all the while: by our
     * pause, or because it was off or paused before and nobody has started it since.
     */
    private void requireOneInstant() {
        if (!volumes.needPause()) {
            return;
        }
        boolean pauseLost = pauses && (lease.expired() || !safeguards.cover(Duration.ZERO));
        if (pauseLost || handles.domain().state() == DomainState.RUNNING) {
            throw requirement.refused(
                    "the machine went on before all of its disks were taken, so they are of several instants");
        }
    }

    void update() {
        volumes.update();
    }

    /** Makes sure that the release has been made, or has been given up; never throws. */
    void release() {
        lease.close();
        if (thaw().map(Thaw::confirmed).orElse(true)) {
            safeguards.end(handles.agent());
            applications.end(handles.agent());
        } else {
            applications.leave();
        }
    }

    @Override
    public Optional<Thaw> thaw() {
        return lease.owed() ? Optional.of(lease.thaw()) : Optional.empty();
    }

    @Override
    public String goOn() {
        return safeguards.goOn();
    }

    /** Makes sure that the machine and its definition go on where they must. */
    void verify() {
        volumes.verify();
    }

    /**
     * What is known once the guest is released; nothing is claimed so far.
     *
     * @throws RunFailed when that is not confirmed
     */
    Ending released() {
        thaw().filter(thaw -> !thaw.confirmed()).ifPresent(thaw -> {
            throw overdue(thaw).failure();
        });
        return ending(verdict().unproved());
    }

    /** Asks the snapshot's own disks. */
    void prove(ProveSnapshot proof, Run run) {
        proved = Optional.of(proof.of(run, handles.domain(), intent(), verdict()));
    }

    /**
     * What was proved, as the end of a run whose steps all went well.
     *
     * @throws RunFailed when less was proved than is required
     */
    Ending accepted() {
        Verdict verdict = verdict();
        verdict.require(requirement.acceptable(), name());
        return ending(verdict);
    }

    private Ending ending(Verdict verdict) {
        return new Ending(
                new RunResult(Optional.of(verdict.consistency()), freezeRecord(), Optional.empty()),
                verdict.evidence());
    }

    @Override
    public Ending failed(Problem problem) {
        return new Ending(
                new RunResult(Optional.empty(), freezeRecord(), Optional.of(Ending.error(problem))),
                lease.owed() ? verdict().evidence() : List.of());
    }

    private Optional<Freeze> freezeRecord() {
        return thaw().filter(thaw -> freezes()).map(thaw -> new Freeze(frozen, thaw.window()));
    }

    @Override
    public List<String> discard() {
        return volumes.discard();
    }

    @Override
    public String name() {
        return handles.domain().id().name();
    }

    @Override
    public void close() {
        release();
        handles.close();
    }

    private Verdict verdict() {
        return proved.orElseGet(this::live);
    }

    private Verdict live() {
        FreezePlan plan = examination.freeze();
        return thaw().filter(thaw -> freezes())
                .map(thaw -> Verdict.of(
                        new Verdict.Freezing(plan.expected(), frozen, options.freezeLimit(), ended()),
                        thaw,
                        beforehand(),
                        seen(thaw)))
                .orElseGet(() -> Verdict.withoutFreeze(beforehand()));
    }

    private List<Evidence> beforehand() {
        List<Evidence> known = new ArrayList<>(examination.freeze().beforehand(volumes.planned()));
        if (quiesced) {
            known.add(volumes.quiesced(pauses));
        }
        if (freezes()) {
            applications.asked().ifPresent(known::add);
        }
        return known;
    }

    private List<Evidence> seen(Thaw thaw) {
        List<Evidence> seen = new ArrayList<>(safeguards.evidence());
        examination.freeze().vss().ifPresent(vss -> seen.add(vss.held(thaw, frozen)));
        seen.addAll(standstill.evidence());
        seen.addAll(applications.evidence());
        return seen;
    }

    private Optional<String> ended() {
        return lease.expired()
                ? Optional.of("the limit of %d ms, or the loss of the sentinel, ended the freeze"
                        .formatted(options.freezeLimit().toMillis()))
                : Optional.empty();
    }

    /** Nothing is held that nobody would release if this process died the next moment. */
    private void requireCover() {
        if (!safeguards.cover(options.freezeLimit())) {
            throw new RunFailed(new Problem(
                    ErrorCode.FREEZE,
                    "vm '%s' was not frozen: the sentinel died, or was armed too long ago".formatted(name()),
                    "try again; if it happens again, see sentinel.log in the state directory"));
        }
    }
}
