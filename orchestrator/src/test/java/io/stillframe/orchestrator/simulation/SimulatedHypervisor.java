package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.Tag;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The way to the machine. */
final class SimulatedHypervisor implements Hypervisor {
    private final World world;
    private final FakeHypervisor real;

    SimulatedHypervisor(World world) {
        this.world = world;
        this.real = new FakeHypervisor(world.machine.guest());
    }

    @Override
    public List<DomainId> domains() {
        return open("domains", real::domains);
    }

    @Override
    public Map<DomainId, List<Disk>> disks() {
        return open("disks of all", real::disks);
    }

    @Override
    public Map<DomainId, Set<Tag>> tags() {
        return open("tags of all", real::tags);
    }

    @Override
    public void undefine(DomainId domain) {
        open("undefine", () -> {
            real.undefine(domain);
            return 0;
        });
    }

    @Override
    public Domain domain(String nameOrUuid) {
        return open("open domain", () -> new SimulatedDomain(world, real.domain(nameOrUuid)));
    }

    @Override
    public Domain domain(DomainId id) {
        return open("open domain", () -> new SimulatedDomain(world, real.domain(id)));
    }

    @Override
    public GuestAgent agent(DomainId domain) {
        return open("open agent", () -> new SimulatedAgent(world, real.agent(domain)));
    }

    @Override
    public String version() {
        return real.version();
    }

    @Override
    public void close() {}

    private <T> T open(String name, Supplier<T> opener) {
        world.gate.enter(name);
        world.libvirt.requireUp(name);
        Optional<Fault> fault = world.gate.fault();
        world.gate.process().pass(world.gate.duration(1000, fault));
        if (!world.libvirt.isUp() || fault.filter(kind -> kind != Fault.SLOW).isPresent()) {
            throw new GuestException(GuestFailure.CONNECTION_LOST, name + " was not answered");
        }
        T opened = opener.get();
        world.gate.leave();
        return opened;
    }
}
