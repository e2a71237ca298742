package io.stillframe.orchestrator.app;

import io.stillframe.config.Loaded;
import io.stillframe.config.Settings;
import io.stillframe.config.SettingsFile;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.cli.ExitStatus;
import io.stillframe.orchestrator.cli.GlobalOptions;
import io.stillframe.orchestrator.cli.Site;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.exec.LocalCommands;
import io.stillframe.storage.qcow2.Qcow2Driver;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** This host. */
final class LocalSite implements Site {
    private static final Path CONFIG = Path.of("/etc/stillframe/stillframe.yaml");

    /** Every call to libvirt that has no limit of its own. A snapshot of many disks takes libvirt a second or two. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    /** Where this host's processes tell each other which machines they are busy with. */
    private static final Path MACHINES = (System.getProperty("user.name").equals("root")
                    ? Path.of("/run")
                    : Path.of(Objects.requireNonNullElse(
                            System.getenv("XDG_RUNTIME_DIR"), System.getProperty("java.io.tmpdir"))))
            .resolve("stillframe");

    private final GlobalOptions options;
    private final Interruption interruption;
    private final PrintStream err;
    private final SystemTiming timing = new SystemTiming();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean forgiving;
    private Settings settings;
    private Machines machines;

    LocalSite(GlobalOptions options, Interruption interruption, PrintStream err) {
        this.options = options;
        this.interruption = interruption;
        this.err = err;
    }

    @Override
    public Path configFile() {
        return options.config().orElse(CONFIG);
    }

    @Override
    public Settings settings() {
        if (settings == null) {
            Settings loaded = load();
            settings = new Settings(
                    options.connect().orElse(loaded.connect()),
                    options.stateDir().map(Path::toAbsolutePath).orElse(loaded.stateDir()),
                    loaded.require(),
                    loaded.limits());
        }
        return settings;
    }

    @Override
    public void forgiveConfiguration() {
        forgiving = true;
    }

    private Settings load() {
        if (options.config().isEmpty() && !Files.exists(CONFIG)) {
            return Settings.DEFAULT;
        }
        Loaded loaded = SettingsFile.load(configFile());
        if (loaded instanceof Loaded.Invalid invalid) {
            String problems = invalid.problems().stream().map(Object::toString).collect(Collectors.joining(" | "));
            if (forgiving) {
                err.println("warning: the configuration is left out of account: " + problems);
                return Settings.DEFAULT;
            }
            throw new CommandFailed(
                    ExitStatus.USAGE,
                    new Problem(
                            ErrorCode.CONFIGURATION,
                            problems,
                            "correct it, and check it with 'stillframe config validate %s'".formatted(configFile())));
        }
        return ((Loaded.Valid) loaded).settings();
    }

    @Override
    public Machines machines() {
        if (machines == null) {
            machines = new Machines(connect(), this::drivers);
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

    private List<StorageDriver> drivers(io.stillframe.guest.Domain domain) {
        return List.of(new Qcow2Driver(
                new DomainLayers(domain, timing),
                new LocalCommands(),
                new Qcow2Driver.Limits(
                        settings().limits().minimumFree().bytes(),
                        settings().limits().maximumChain())));
    }

    @Override
    public Journal journal(String purpose, List<DomainId> vms) {
        Path directory = settings().stateDir();
        var patience = new StateDirectory.Patience(timing, err, interruption::requested);
        open.push(StateDirectory.hold(directory, purpose, vms, patience));
        // a run with another state directory must not freeze and thaw the same machine meanwhile
        vms.forEach(vm ->
                open.push(StateDirectory.hold(MACHINES.resolve(vm.uuid().toString()), purpose, List.of(vm), patience)));
        try {
            Journal journal = Journal.open(directory);
            open.push(journal);
            return journal;
        } catch (JournalException e) {
            throw CommandFailed.refused(
                    ErrorCode.JOURNAL,
                    "nothing was touched: " + e.getMessage(),
                    e.kind() == JournalException.Kind.UNREADABLE
                            ? "set %s aside and try again: snapshots and guests are not affected, the history is"
                                    .formatted(directory.resolve("journal.mv.db"))
                            : "make room or mend %s, then try again".formatted(directory));
        }
    }

    @Override
    public List<Check> hostChecks() {
        return new HostChecks(settings(), machines().hypervisor(), new LocalCommands()).all();
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public Timing timing() {
        return timing;
    }

    @Override
    public <T> T uninterrupted(Supplier<T> work) {
        return interruption.uninterrupted(work);
    }

    @Override
    public BooleanSupplier interrupted() {
        return interruption::requested;
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                // the result stands; what could not be closed ends with the process
                err.println("warning: " + e.getMessage());
            }
        }
    }
}
