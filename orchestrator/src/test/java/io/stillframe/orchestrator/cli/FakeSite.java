package io.stillframe.orchestrator.cli;

import io.stillframe.config.Settings;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.app.Qcow2OfDomain;
import io.stillframe.orchestrator.lease.FakeGuard;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.orchestrator.recovery.HeldGuests;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.exec.FakeQemuImg;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** A host with machines on it and a journal in a directory; what commands print there is kept. */
final class FakeSite implements Site {
    final List<FakeGuest> guests = new ArrayList<>();
    final VirtualTiming timing = new VirtualTiming();
    final List<Check> hostChecks = new ArrayList<>(List.of(Check.ok("libvirt", "pretended 1.0.0")));
    BooleanSupplier interrupted = () -> false;
    /** Where somebody else holds the state directory. */
    Optional<CommandFailed> held = Optional.empty();
    /** What the last command was given. */
    Optional<GlobalOptions> options = Optional.empty();

    /** Whether the last command takes an invalid configuration for none. */
    boolean forgiving;

    final TickingClock clock = new TickingClock();
    private final Path directory;
    final FakeGuard guard = new FakeGuard();
    /** Where the journal cannot be read, until it is set aside. */
    Optional<CommandFailed> unreadable = Optional.empty();

    private HeldGuests heldGuests;
    private Journal journal;
    private String out = "";
    private String err = "";

    FakeSite(Path directory) {
        this.directory = directory;
    }

    FakeGuest guest(String name) {
        FakeGuest guest = new FakeGuest(name);
        guests.add(guest);
        return guest;
    }

    /** Executes a command line and gives its exit status. */
    int run(String... args) {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        int status = Stillframe.execute(
                given -> {
                    options = Optional.of(given);
                    return this;
                },
                new PrintStream(stdout, true, StandardCharsets.UTF_8),
                new PrintStream(stderr, true, StandardCharsets.UTF_8),
                args);
        out = stdout.toString(StandardCharsets.UTF_8);
        err = stderr.toString(StandardCharsets.UTF_8);
        return status;
    }

    String out() {
        return out;
    }

    String err() {
        return err;
    }

    /** The journal, outside any command. */
    <T> T read(Function<Journal, T> query) {
        try (Journal opened = Journal.open(directory)) {
            return query.apply(opened);
        }
    }

    void breakJournal() {
        journal.close();
    }

    @Override
    public Settings settings() {
        return Settings.DEFAULT;
    }

    @Override
    public void forgiveConfiguration() {
        forgiving = true;
    }

    @Override
    public Path configFile() {
        return directory.resolve("stillframe.yaml");
    }

    @Override
    public Machines machines() {
        FakeHypervisor hypervisor = new FakeHypervisor(guests.toArray(FakeGuest[]::new));
        return new Machines(
                hypervisor,
                domain -> {
                    FakeGuest guest = guests.stream()
                            .filter(of -> of.id().equals(domain.id()))
                            .findFirst()
                            .orElseThrow();
                    return List.of(Qcow2OfDomain.driver(domain, timing, new FakeQemuImg(guest.faults())));
                },
                guard);
    }

    @Override
    public List<Check> hostChecks() {
        return hostChecks;
    }

    @Override
    public void hold(String purpose, List<DomainId> vms) {
        held.ifPresent(failure -> {
            throw failure;
        });
    }

    @Override
    public HeldGuests heldGuests() {
        if (heldGuests == null) {
            heldGuests = new HeldGuests(leases(), this::machines, clock, timing, Duration.ofSeconds(20));
        }
        return heldGuests;
    }

    LeaseFiles leases() {
        return new LeaseFiles(directory);
    }

    @Override
    public Lease lease(DomainId vm) {
        return leases().peek(vm.uuid()).orElse(Lease.unknown(vm));
    }

    @Override
    public Journal journal() {
        unreadable.ifPresent(failure -> {
            unreadable = Optional.empty();
            throw failure;
        });
        journal = Journal.open(directory);
        return journal;
    }

    @Override
    public Path setJournalAside() {
        return directory.resolve("set-aside");
    }

    @Override
    public void standSentinel() {
        throw new UnsupportedOperationException("a sentinel is a process");
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Timing timing() {
        return timing;
    }

    @Override
    public <T> T uninterrupted(Supplier<T> work) {
        return work.get();
    }

    @Override
    public BooleanSupplier interrupted() {
        return interrupted;
    }

    @Override
    public void close() {
        if (heldGuests != null) {
            heldGuests.close();
            heldGuests = null;
        }
        if (journal != null) {
            journal.close();
            journal = null;
        }
    }

    static CommandFailed heldByAnother() {
        return CommandFailed.refused(
                ErrorCode.HELD, "nothing was touched: 'stillframe snapshot' (pid 1) holds it", "try again later");
    }
}
