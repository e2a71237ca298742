package io.stillframe.orchestrator.simulation;

import io.stillframe.db.Journal;
import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.app.Qcow2OfDomain;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.recovery.HeldGuests;
import io.stillframe.orchestrator.recovery.Reconcile;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.orchestrator.workflow.RecoverRun;
import io.stillframe.storage.StorageDriver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a command works with, wired as the program wires it: one orchestrator's process. */
final class Session implements AutoCloseable {
    private final World world;
    private final SimulatedProcess process;
    private final SimulatedGuard guard;
    private final Duration patience;
    private Optional<Machines> machines = Optional.empty();
    private Optional<HeldGuests> heldGuests = Optional.empty();

    Session(World world, SimulatedProcess process) {
        this.world = world;
        this.process = process;
        this.guard = new SimulatedGuard(world, process);
        this.patience = world.plan.patience();
    }

    /** @throws GuestException when libvirt does not answer */
    Machines machines() {
        if (machines.isEmpty()) {
            world.gate.enter("connect");
            world.libvirt.requireUp("connect");
            world.gate.leave();
            machines = Optional.of(new Machines(
                    new SimulatedHypervisor(world),
                    this::drivers,
                    (domain, rate) -> List.of(new OpenedDisks(world)),
                    guard));
        }
        return machines.get();
    }

    Timing timing() {
        return process;
    }

    Duration patience() {
        return patience;
    }

    LeaseFiles leases() {
        return new LeaseFiles(world.disk.root());
    }

    HeldGuests heldGuests() {
        if (heldGuests.isEmpty()) {
            heldGuests = Optional.of(new HeldGuests(leases(), this::machines, world.clock, process, patience));
        }
        return heldGuests.get();
    }

    Journal journal() {
        world.gate.requireAlive();
        return new GatedJournal(world, world.journal);
    }

    Reconcile reconcile(Journal journal) {
        return new Reconcile(journal, recover(journal), heldGuests(), vm -> {});
    }

    RecoverRun recover(Journal journal) {
        Rescue rescue = new Rescue(machines().hypervisor(), process, patience);
        return new RecoverRun(journal, machines(), world.clock, rescue, heldGuests()::goOn);
    }

    private List<StorageDriver> drivers(Domain domain) {
        StorageDriver qcow2 = Qcow2OfDomain.driver(domain, process, new ImageTool(world));
        return List.of(new Storage(world, qcow2, world.plan.atomic()));
    }

    @Override
    public void close() {
        heldGuests.ifPresent(HeldGuests::close);
        guard.close();
    }
}
