package io.stillframe.orchestrator.load;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.Tag;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.workflow.Machines;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The machines of the simulated host, each with one disk. A machine is made when somebody first wants it. */
public final class SimulatedMachines implements Hypervisor {
    private static final Guard GUARD = new Guard() {
        @Override
        public void makeReady() {}

        @Override
        public Watch watch(Lease lease, Runnable lost) {
            return new Vigil();
        }
    };

    private final Map<String, DomainId> ids = new LinkedHashMap<>();
    private final Map<UUID, SimulatedMachine> made = new HashMap<>();

    /** @param count how many there are: m00001 and so on */
    public SimulatedMachines(int count) {
        names(count).map(SimulatedMachines::id).forEach(id -> ids.put(id.name(), id));
    }

    static Stream<String> names(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(SimulatedMachines::name);
    }

    /** @param number from 1 on */
    static String name(int number) {
        return "m%05d".formatted(number);
    }

    static DomainId id(String name) {
        return new DomainId(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)), name);
    }

    /** The way to them. */
    public Machines machines() {
        return new Machines(
                this,
                domain -> List.of(machine(domain.id().uuid()).driver()),
                (domain, rate) -> List.of(machine(domain.id().uuid()).store()),
                GUARD);
    }

    private synchronized SimulatedMachine machine(UUID uuid) {
        return made.computeIfAbsent(
                uuid,
                any -> new SimulatedMachine(ids.values().stream()
                        .filter(id -> id.uuid().equals(uuid))
                        .findFirst()
                        .orElseThrow()));
    }

    private Hypervisor hypervisorOf(UUID uuid) {
        return machine(uuid).hypervisor();
    }

    @Override
    public List<DomainId> domains() {
        return List.copyOf(ids.values());
    }

    @Override
    public Map<DomainId, List<Disk>> disks() {
        return Map.of();
    }

    @Override
    public Map<DomainId, Set<Tag>> tags() {
        return Map.of();
    }

    @Override
    public Domain domain(String nameOrUuid) {
        return hypervisorOf(ids.containsKey(nameOrUuid) ? ids.get(nameOrUuid).uuid() : UUID.fromString(nameOrUuid))
                .domain(nameOrUuid);
    }

    @Override
    public Domain domain(DomainId id) {
        return hypervisorOf(id.uuid()).domain(id);
    }

    @Override
    public GuestAgent agent(DomainId domain) {
        return hypervisorOf(domain.uuid()).agent(domain);
    }

    @Override
    public void undefine(DomainId domain) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String version() {
        return "pretended 1.0.0";
    }

    @Override
    public void close() {}

    /** A guard that is never needed. */
    private record Vigil() implements Guard.Watch {
        @Override
        public boolean covers(Duration hold) {
            return true;
        }

        @Override
        public Optional<io.stillframe.orchestrator.lease.Thaw> intervention() {
            return Optional.empty();
        }

        @Override
        public Guard.Ended end() {
            return Guard.Ended.known(Optional.empty());
        }
    }

    /** A machine and its storage. */
    private static final class SimulatedMachine {
        private final FakeHypervisor hypervisor;
        private final SimulatedStorage storage;

        SimulatedMachine(DomainId id) {
            Path image = Path.of(SimulatedStorage.image(id.name()));
            hypervisor = new FakeHypervisor(new FakeGuest(id.name()).with("vda", image));
            storage = new SimulatedStorage(image.toString());
        }

        Hypervisor hypervisor() {
            return hypervisor;
        }

        SimulatedStorage.Driver driver() {
            return storage.driver();
        }

        SimulatedStorage.Store store() {
            return storage.store();
        }
    }
}
