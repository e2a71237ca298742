package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Policy;
import io.stillframe.config.Settings;
import io.stillframe.db.Journal;
import io.stillframe.db.ScheduleDatabase;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.api.ApiFiles;
import io.stillframe.orchestrator.api.ApiServer;
import io.stillframe.orchestrator.api.Endpoint;
import io.stillframe.orchestrator.app.Qcow2OfDomain;
import io.stillframe.orchestrator.lease.FakeGuard;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.orchestrator.proof.RawDisks;
import io.stillframe.orchestrator.recovery.HeldGuests;
import io.stillframe.orchestrator.recovery.Reconcile;
import io.stillframe.orchestrator.schedule.Schedule;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.systemd.ServiceManager;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.FakeSnapshotStore;
import io.stillframe.storage.FakeStorage;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.FakeQemuImg;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A host with machines on it and a journal in a directory; what commands print there is kept. */
final class FakeSite implements Site {
    final List<FakeGuest> guests;
    final VirtualTiming timing = new VirtualTiming();
    final List<Check> hostChecks = new ArrayList<>(List.of(Check.ok("libvirt", "pretended 1.0.0")));
    BooleanSupplier interrupted = () -> false;
    /** Where somebody else holds the state directory. */
    Optional<CommandFailed> held = Optional.empty();

    /** Where libvirt does not answer. */
    Optional<CommandFailed> unreachable = Optional.empty();

    final FakeStorage storage;
    final List<OptionalLong> rates = new ArrayList<>();
    Settings settings = Settings.DEFAULT;
    private final List<FakeGuest> undefined = new ArrayList<>();

    /** How often others were let go on. */
    int othersLet;

    Runnable onLetOthers = () -> {};

    Runnable beforeHold = () -> {};

    /** What the configuration would be, read anew. */
    Supplier<Settings> changed = () -> settings;

    final FakeTerminal terminal = new FakeTerminal();
    /** What the last command was given. */
    Optional<GlobalOptions> options = Optional.empty();

    /** Whether the last command takes an invalid configuration for none. */
    boolean forgiving;

    final TickingClock clock;
    private final Path directory;
    FakeGuard guard = new FakeGuard();
    /** Where the journal cannot be read, until it is set aside. */
    Optional<CommandFailed> unreadable = Optional.empty();

    /** What the snapshots of disks hold, where that is not what the guest's freeze has left. */
    final Map<String, Path> views = new HashMap<>();

    /** The programs of the host; none can be started unless a test says otherwise. */
    Commands commands = (argv, limit) -> {
        throw new CommandException("cannot start " + argv.get(0));
    };

    /** Whom it works for, where that is another process. */
    private Optional<Caller> caller = Optional.empty();

    /** What the service manager was told, each once where it was told the same again. */
    final List<String> notified = new CopyOnWriteArrayList<>();

    /** Whom it worked for last, at a site made from this one. */
    volatile Optional<Caller> served = Optional.empty();

    private Kept kept;
    private boolean hasTurn;
    private HeldGuests heldGuests;
    private Journal journal;
    private ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private String out = "";
    private String err = "";

    FakeSite(Path directory) {
        this(directory, new CopyOnWriteArrayList<>(), new TickingClock(), new FakeStorage());
    }

    private FakeSite(Path directory, List<FakeGuest> guests, TickingClock clock, FakeStorage storage) {
        this.storage = storage;
        this.directory = directory;
        this.guests = guests;
        this.clock = clock;
    }

    FakeGuest guest(String name) {
        FakeGuest guest = new FakeGuest(name);
        guests.add(guest);
        return guest;
    }

    /** Executes a command line and gives its exit status. */
    int run(String... args) {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        stderr = told;
        int status = Stillframe.execute(
                given -> {
                    options = Optional.of(given);
                    return this;
                },
                new PrintStream(stdout, true, StandardCharsets.UTF_8),
                new PrintStream(told, true, StandardCharsets.UTF_8),
                args);
        out = stdout.toString(StandardCharsets.UTF_8);
        err = told.toString(StandardCharsets.UTF_8);
        return status;
    }

    /** Takes a snapshot of a machine and gives its id; the storage in memory has its volumes from then on. */
    String snapshot(String vm) {
        assertThat(run("snapshot", vm, "--json")).as(err).isZero();
        JsonNode taken = json().get("runs").get(0);
        stored(taken);
        return "sf-" + taken.get("run").asString();
    }

    /** What a run has taken is in the storage in memory, too. */
    void stored(JsonNode taken) {
        taken.get("volumes").forEach(volume -> {
            String moment =
                    volume.get("disk").asString() + " of " + taken.get("run").asString();
            storage.with(volume.get("snapshot").asString(), moment)
                    .with(volume.get("active").asString(), "what was written since");
        });
    }

    /** The policies of the configuration. */
    void policies(Policy... policies) {
        settings = with(
                settings,
                settings.history(),
                Stream.of(policies).collect(Collectors.toMap(Policy::name, policy -> policy)));
    }

    /** How far the history goes back by the configuration. */
    void history(Duration history) {
        settings = with(settings, history, settings.policies());
    }

    static Settings with(Settings settings, Duration history, Map<String, Policy> policies) {
        return new Settings(
                settings.connect(),
                settings.stateDir(),
                settings.require(),
                settings.onDoubt(),
                settings.hooks(),
                settings.limits(),
                settings.space(),
                history,
                policies);
    }

    /** What the last command printed, as a document. */
    JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }

    static List<String> names(JsonNode node) {
        return List.copyOf(node.propertyNames());
    }

    String out() {
        return out;
    }

    String err() {
        return err;
    }

    /** What a command that goes on has told so far. */
    String stderr() {
        return stderr.toString(StandardCharsets.UTF_8);
    }

    /** The journal, outside any command. */
    <T> T read(Function<Journal, T> query) {
        try (Journal opened = Journal.open(directory)) {
            return query.apply(opened);
        }
    }

    List<Snapshot> snapshots() {
        return read(journal -> journal.snapshots(Optional.empty()));
    }

    void breakJournal() {
        journal.close();
    }

    @Override
    public Settings settings() {
        return settings;
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
        unreachable.ifPresent(failure -> {
            throw failure;
        });
        FakeHypervisor hypervisor = new FakeHypervisor(guests);
        return new Machines(
                hypervisor,
                domain -> {
                    FakeGuest guest = guests.stream()
                            .filter(of -> of.id().equals(domain.id()))
                            .findFirst()
                            .orElseThrow();
                    return List.of(Qcow2OfDomain.driver(domain, timing, new FakeQemuImg(guest.faults())));
                },
                this::stores,
                guard);
    }

    /** The machine is no more; what its disks were on stays. */
    void undefine(FakeGuest guest) {
        guests.remove(guest);
        undefined.add(guest);
    }

    /** Stores of the qcow2 driver's name over a storage in memory. */
    private List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        rates.add(bytesPerSecond);
        FakeGuest guest = Stream.concat(guests.stream(), undefined.stream())
                .filter(of -> of.id().equals(domain.id()))
                .findFirst()
                .orElseThrow();
        return List.of(new FakeSnapshotStore(
                "qcow2",
                true,
                storage,
                guest.faults(),
                change -> {
                    if (guests.contains(guest)
                            && guest.defined(change.disk()).toString().equals(change.from())) {
                        guest.redefine(change.disk(), Path.of(change.to()));
                    }
                },
                volume -> views.getOrDefault(
                        volume.disk(), RawDisks.ext4(guest.frozenAtSwitch().orElse(false)))));
    }

    @Override
    public List<Check> hostChecks() {
        return hostChecks;
    }

    @Override
    public void hold(String purpose, List<DomainId> vms) {
        beforeHold.run();
        held.ifPresent(failure -> {
            throw failure;
        });
        if (kept != null && !hasTurn) {
            kept.turn.acquireUninterruptibly();
            hasTurn = true;
        }
    }

    @Override
    public void letOthers() {
        othersLet++;
        onLetOthers.run();
    }

    @Override
    public HeldGuests heldGuests() {
        if (heldGuests == null) {
            heldGuests = new HeldGuests(leases(), this::machines, clock, timing, Duration.ofSeconds(20));
        }
        return heldGuests;
    }

    @Override
    public List<String> held() {
        return leases().held();
    }

    @Override
    public boolean isUnsettled() {
        return !leases().unreleased().isEmpty() || (kept != null && kept.isUnsettled());
    }

    /** A lease of which nobody is the holder any more. */
    void leaseLeft(DomainId vm, Lease.SysRq sysRq) {
        Lease lease = new Lease(vm, Optional.of("run"), Duration.ofHours(1), true, false, Set.of("vda"), sysRq);
        try {
            Path leases = Files.createDirectories(leaseDirectory());
            Files.writeString(
                    leases.resolve(vm.uuid() + ".lease"), JsonMapper.shared().writeValueAsString(lease) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path leaseDirectory() {
        return directory.resolve("leases");
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
        journal = kept == null ? Journal.open(directory) : kept.open();
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
    public Settings reread() {
        return changed.get();
    }

    @Override
    public Site anew(Settings other, Caller by) {
        FakeSite site = beside();
        site.settings = other;
        return site.workingFor(by);
    }

    @Override
    public Site anew(GlobalOptions given, Caller by) {
        options = Optional.of(given);
        served = Optional.of(by);
        return beside().workingFor(by);
    }

    private FakeSite beside() {
        FakeSite site = new FakeSite(directory, guests, clock, storage);
        site.settings = settings;
        site.interrupted = interrupted;
        site.beforeHold = beforeHold;
        site.views.putAll(views);
        site.commands = commands;
        site.unreachable = unreachable;
        site.held = held;
        site.kept = kept;
        site.guard = guard;
        return site;
    }

    private FakeSite workingFor(Caller by) {
        caller = Optional.of(by);
        interrupted = by.interrupted();
        return this;
    }

    @Override
    public void keep() {
        kept = new Kept(directory);
    }

    @Override
    public Optional<Journal> journalToLookAt() {
        return kept == null ? Optional.empty() : Optional.of(journal());
    }

    @Override
    public Service serve(List<Endpoint> endpoints, Optional<Integer> port) {
        try {
            ApiServer api = ApiServer.start(directory, port, endpoints, Stillframe.VERSION);
            return () -> close(api);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(ApiServer api) {
        try {
            api.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Path socket() {
        return new ApiFiles(directory).socket();
    }

    @Override
    public ServiceManager serviceManager() {
        return new ServiceManager(state -> {
            if (notified.isEmpty() || !notified.get(notified.size() - 1).equals(state)) {
                notified.add(state);
            }
        });
    }

    @Override
    public Schedule schedule(Schedule.Runs runs) {
        return Schedule.open(ScheduleDatabase.open(directory, Schedule.tables(), clock.instant()), clock, runs);
    }

    @Override
    public Commands commands() {
        return commands;
    }

    @Override
    public Terminal terminal() {
        return caller.map(Caller::terminal).orElse(terminal);
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
        return caller.isPresent() ? caller.get().uninterrupted(work) : work.get();
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
            if (kept == null) {
                journal.close();
            } else {
                kept.close();
            }
            journal = null;
        }
        if (hasTurn) {
            kept.turn.release();
            hasTurn = false;
        }
    }

    /** The journal of a process that keeps the state directory: one for all who use it there. */
    private static final class Kept {
        private final Path directory;
        private Journal journal;
        private final Semaphore turn = new Semaphore(1, true);
        private int users;
        private boolean unsettled;

        Kept(Path directory) {
            this.directory = directory;
        }

        synchronized Journal open() {
            if (users == 0) {
                journal = Journal.open(directory);
            }
            users++;
            return journal;
        }

        synchronized boolean isUnsettled() {
            return unsettled;
        }

        synchronized void close() {
            users--;
            unsettled = Reconcile.isDue(journal);
            if (users == 0) {
                journal.close();
            }
        }
    }

    static CommandFailed heldByAnother() {
        return CommandFailed.refused(
                ErrorCode.HELD, "nothing was touched: 'stillframe snapshot' (pid 1) holds it", "try again later");
    }
}
