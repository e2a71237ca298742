package io.stillframe.orchestrator.app;

import io.stillframe.config.Settings;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.ScheduleDatabase;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import io.stillframe.orchestrator.api.ApiFiles;
import io.stillframe.orchestrator.api.ApiServer;
import io.stillframe.orchestrator.api.Endpoint;
import io.stillframe.orchestrator.cli.Caller;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.cli.GlobalOptions;
import io.stillframe.orchestrator.cli.Site;
import io.stillframe.orchestrator.cli.Stillframe;
import io.stillframe.orchestrator.cli.Terminal;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.recovery.HeldGuests;
import io.stillframe.orchestrator.schedule.Schedule;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.sentinel.Sentinel;
import io.stillframe.orchestrator.sentinel.SentinelServer;
import io.stillframe.orchestrator.systemd.ServiceManager;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** This host. */
final class LocalSite implements Site {
    /** Every call to libvirt that has no limit of its own. A snapshot of many disks takes libvirt a second or two. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    /** Where this host's processes tell each other which machines they are busy with. */
    private static final Path MACHINES = (System.getProperty("user.name").equals("root")
                    ? Path.of("/run")
                    : Path.of(Objects.requireNonNullElse(
                            System.getenv("XDG_RUNTIME_DIR"), System.getProperty("java.io.tmpdir"))))
            .resolve(
                    System.getenv("XDG_RUNTIME_DIR") == null
                                    && !System.getProperty("user.name").equals("root")
                            ? "stillframe-" + System.getProperty("user.name")
                            : "stillframe");

    private final GlobalOptions options;
    private final Configuration configuration;
    private final Caller caller;
    private final UnaryOperator<Machines> around;
    private final Clock clock;
    private final SystemTiming timing = new SystemTiming();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private Settings settings;
    private Machines machines;
    private HeldGuests heldGuests;
    private Optional<Tenure> tenure;
    private Hold stateDirectory;
    private final Map<UUID, DomainId> held = new LinkedHashMap<>();

    LocalSite(GlobalOptions options, Interruption interruption, PrintStream err) {
        this(options, interruption, err, UnaryOperator.identity(), Clock.systemUTC());
    }

    /** @param around what stands between this program and the machines; a test's interposer */
    LocalSite(
            GlobalOptions options,
            Interruption interruption,
            PrintStream err,
            UnaryOperator<Machines> around,
            Clock clock) {
        this(options, new LocalCaller(interruption, err), around, clock, Optional.empty());
    }

    /** @param tenure where this process has the state directory for as long as it lives */
    private LocalSite(
            GlobalOptions options,
            Caller caller,
            UnaryOperator<Machines> around,
            Clock clock,
            Optional<Tenure> tenure) {
        this.options = options;
        this.configuration = new Configuration(options, caller.err());
        this.caller = caller;
        this.around = around;
        this.clock = clock;
        this.tenure = tenure;
    }

    @Override
    public Path configFile() {
        return configuration.file();
    }

    @Override
    public Settings settings() {
        if (settings == null) {
            settings = reread();
        }
        return settings;
    }

    @Override
    public Settings reread() {
        return configuration.read();
    }

    @Override
    public Site anew(Settings other, Caller by) {
        LocalSite site = new LocalSite(options, by, around, clock, tenure);
        site.settings = other;
        return site;
    }

    @Override
    public Site anew(GlobalOptions other, Caller by) {
        return new LocalSite(other, by, around, clock, tenure);
    }

    @Override
    public void keep() {
        Tenure begun = Tenure.begin(settings().stateDir(), patience());
        open.push(begun);
        tenure = Optional.of(begun);
    }

    @Override
    public Service serve(List<Endpoint> endpoints, Optional<Integer> port) {
        try {
            ApiServer server = ApiServer.start(settings().stateDir(), port, endpoints, Stillframe.VERSION);
            return () -> close(server);
        } catch (IOException e) {
            throw CommandFailed.refused(
                    ErrorCode.HOST,
                    "nothing was touched: the daemon cannot listen: " + e.getMessage(),
                    "name another directory with --state-dir, or another port with --port");
        }
    }

    @Override
    public Path socket() {
        return new ApiFiles(settings().stateDir()).socket();
    }

    @Override
    public ServiceManager serviceManager() {
        return ServiceManager.at(Optional.ofNullable(System.getenv("NOTIFY_SOCKET")));
    }

    @Override
    public Schedule schedule(Schedule.Runs runs) {
        Path directory = settings().stateDir().resolve("schedule");
        try {
            StateDirectory.make(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Schedule.open(ScheduleDatabase.open(directory, Schedule.tables(), clock.instant()), clock, runs);
    }

    @Override
    public void forgiveConfiguration() {
        configuration.forgive();
    }

    @Override
    public Machines machines() {
        if (machines == null) {
            SentinelProcess guard = new SentinelProcess(settings(), timing);
            open.push(guard);
            Hypervisor hypervisor = connect();
            Backends backends = new Backends(settings(), hypervisor, timing, new LocalCommands());
            machines = around.apply(new Machines(hypervisor, backends::drivers, backends::stores, guard));
        }
        return machines;
    }

    private Hypervisor connect() {
        try {
            Hypervisor hypervisor = LibvirtHypervisor.open(settings().connect(), CALL_LIMIT);
            open.push(hypervisor);
            return hypervisor;
        } catch (GuestException e) {
            throw CommandFailed.refused(
                    ErrorCode.HYPERVISOR_UNREACHABLE,
                    "no connection to %s, so nothing was touched: %s"
                            .formatted(settings().connect(), e.getMessage()),
                    "start libvirtd, use an account that may connect, or name another URI with --connect");
        }
    }

    @Override
    public void hold(String purpose, List<DomainId> vms) {
        Patience patience = patience();
        if (stateDirectory == null) {
            Path directory = settings().stateDir();
            stateDirectory = ofTenure(directory)
                    .map(of -> of.turn(purpose, vms, patience))
                    .orElseGet(() -> StateDirectory.hold(directory, purpose, vms, patience));
            open.push(stateDirectory);
        }
        // a run with another state directory must not freeze and thaw the same machine meanwhile
        vms.stream().filter(vm -> !held.containsKey(vm.uuid())).forEach(vm -> {
            StateDirectory.requireOwn(MACHINES);
            // and within this process: closing a file that another thread has locked would give up its lock
            tenure.ifPresent(of -> open.push(of.machine(purpose, vm, patience)));
            open.push(StateDirectory.hold(MACHINES.resolve(vm.uuid().toString()), purpose, List.of(vm), patience));
            held.put(vm.uuid(), vm);
        });
        stateDirectory.busyWith(List.copyOf(held.values()));
    }

    /** Of several threads that move data one is the first. */
    @Override
    public synchronized void letOthers() {
        if (tenure.isPresent() && stateDirectory != null) {
            open.remove(stateDirectory);
            stateDirectory.close();
            stateDirectory = null;
        }
    }

    private Patience patience() {
        return new Patience(timing, caller.err(), caller.interrupted());
    }

    private Optional<Tenure> ofTenure(Path directory) {
        tenure.ifPresent(of -> of.require(directory));
        return tenure;
    }

    @Override
    public HeldGuests heldGuests() {
        if (heldGuests == null) {
            heldGuests = new HeldGuests(
                    leases(),
                    this::machines,
                    clock(),
                    timing,
                    settings().limits().thaw());
            open.push(heldGuests);
        }
        return heldGuests;
    }

    @Override
    public Lease lease(DomainId vm) {
        return leases().peek(vm.uuid()).orElse(Lease.unknown(vm));
    }

    @Override
    public List<String> held() {
        // while another has its turn in this process, the leases are of guests that it is busy with, or has seen to
        tenure.filter(any -> stateDirectory == null)
                .flatMap(of -> of.turnIfFree("held guests"))
                .ifPresent(turn -> {
                    stateDirectory = turn;
                    open.push(turn);
                });
        return tenure.isPresent() && stateDirectory == null ? List.of() : leases().held();
    }

    @Override
    public boolean isUnsettled() {
        return !leases().unreleased().isEmpty()
                || tenure.filter(Tenure::isUnsettled).isPresent();
    }

    private LeaseFiles leases() {
        return new LeaseFiles(settings().stateDir());
    }

    @Override
    public Journal journal() {
        Path directory = settings().stateDir();
        try {
            Journal journal = ofTenure(directory).map(Tenure::journal).orElseGet(() -> Journal.open(directory));
            open.push(tenure.<AutoCloseable>map(of -> of::leave).orElse(journal));
            return journal;
        } catch (JournalException e) {
            throw e.kind() == JournalException.Kind.UNREADABLE
                    ? CommandFailed.refused(
                            ErrorCode.JOURNAL_UNREADABLE,
                            "no snapshot was taken and none was changed: " + e.getMessage(),
                            "bring it back from a backup, or set it aside and begin a new one with 'stillframe reconcile'")
                    : CommandFailed.refused(
                            ErrorCode.JOURNAL,
                            "nothing was touched: " + e.getMessage(),
                            "make room or mend %s, then try again".formatted(directory));
        }
    }

    @Override
    public Optional<Journal> journalToLookAt() {
        return tenure.map(any -> journal());
    }

    @Override
    public Path setJournalAside() {
        return Journal.setAside(settings().stateDir(), clock().instant());
    }

    @Override
    public void standSentinel() {
        Sentinel sentinel = new Sentinel(machines().hypervisor(), leases(), timing, clock());
        new SentinelServer(sentinel, System.out).serve(System.in);
    }

    @Override
    public List<Check> hostChecks() {
        return new HostChecks(settings(), machines().hypervisor(), new LocalCommands()).all();
    }

    @Override
    public Commands commands() {
        return new LocalCommands();
    }

    @Override
    public Terminal terminal() {
        return caller.terminal();
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
        return caller.uninterrupted(work);
    }

    @Override
    public BooleanSupplier interrupted() {
        return caller.interrupted();
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            close(open.pop());
        }
    }

    private void close(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            // the result stands; what could not be closed ends with the process
            caller.err().println("warning: " + e.getMessage());
        }
    }
}
