package io.stillframe.orchestrator.cli;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;
import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.Admission;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import io.stillframe.orchestrator.workflow.TakeSnapshot;
import io.stillframe.orchestrator.workflow.TakeUntilProved;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot VM...}. */
@Command(
        name = "snapshot",
        description =
                "Take a snapshot of each machine, one after the other, or with --group of all at one instant. All "
                        + "names must be known, or nothing is touched.")
final class SnapshotCommand extends SiteCommand {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Parameters(paramLabel = "VM", arity = "1..*", description = "name or UUID")
    private List<String> vms;

    @Option(
            names = "--require",
            paramLabel = "CLASS",
            converter = ConsistencyOption.class,
            description = "the least that will do: application (with --hooks), filesystem or crash (also without a "
                    + "freeze); default for a machine that runs: the configuration's, else filesystem")
    private Consistency required;

    @Option(
            names = "--hooks",
            paramLabel = "HOOK",
            split = ",",
            converter = HookOption.class,
            description = "tell these applications in the guest of the freeze: postgresql, mariadb, or installed (all "
                    + "that the guest has of its own); repeatable")
    private List<Hook> hooks;

    @Option(
            names = "--exclude",
            paramLabel = "DISK",
            description = "leave a disk out, by its target name (vdb); repeatable")
    private Set<String> excluded = new LinkedHashSet<>();

    @Option(
            names = "--freeze-limit",
            paramLabel = "TIME",
            converter = DurationOption.class,
            description = "the longest that the guest may be frozen, such as 5s or 800ms")
    private Duration freezeLimit;

    @Option(
            names = "--group",
            description =
                    "take all machines at one instant: they are frozen together, and if one of them fails none has "
                            + "a snapshot")
    private boolean group;

    @Option(
            names = "--keep-others",
            description = "with --group: if one of them fails the snapshots of the others are kept, each by itself")
    private boolean keepOthers;

    @Option(
            names = "--on-doubt",
            paramLabel = "THEN",
            converter = OnDoubtOption.class,
            description =
                    "what becomes of a snapshot that proves to be less than is required: discard, keep (as crash, with "
                            + "the reason), or retry:N (up to N more attempts, then discard); default: the "
                            + "configuration's, else discard")
    private OnDoubt onDoubt;

    @Override
    ExitStatus run(Site site, Output output) {
        if (keepOthers && !group) {
            throw usage("--keep-others goes with --group", "leave it out, or take the machines with --group");
        }
        site.machines(); // what is wrong with all of them is told once, before any name is looked up
        List<Domain> domains = resolve(site, output);
        if (domains.isEmpty()) {
            return ExitStatus.REFUSED;
        }
        try {
            requireSeveral(domains);
            GroupSnapshot.Result result = site.uninterrupted(() -> take(site, domains, output));
            print(result, output);
            return interruptedUnlessGraver(site, result.taken());
        } catch (CommandFailed failed) {
            // refused for all of them: the state directory is held or cannot be used
            CommandFailed e = graver(site, failed);
            output.error(e.problem());
            printRefused(domains.stream().map(domain -> domain.id().name()).toList(), e.problem(), output);
            return site.interrupted().getAsBoolean() ? ExitStatus.INTERRUPTED : e.status();
        } finally {
            domains.forEach(Domain::close);
        }
    }

    private void requireSeveral(List<Domain> domains) {
        if (group && domains.size() < 2) {
            throw usage("a group is of two machines at least", "name more machines, or leave out --group");
        }
    }

    private static CommandFailed usage(String message, String hint) {
        return new CommandFailed(
                ExitStatus.USAGE, new Problem(ErrorCode.CONFIGURATION, message + "; nothing was touched", hint));
    }

    private void print(GroupSnapshot.Result result, Output output) {
        List<Views.TakenView> views = result.taken().stream().map(Taken::view).toList();
        if (json()) {
            output.json(result.group()
                    .<Object>map(of -> new Views.GroupedRuns(views, of))
                    .orElse(new Views.Runs(views)));
        } else {
            views.stream().filter(view -> view.run() != null).forEach(view -> new TakenText(output).print(view));
            result.group().ifPresent(new TakenText(output)::print);
        }
        result.taken().forEach(of -> of.problem().ifPresent(output::error));
    }

    private void printRefused(List<String> names, Problem problem, Output output) {
        if (json()) {
            output.json(new Views.Runs(names.stream()
                    .map(name -> Views.TakenView.refused(name, problem))
                    .toList()));
        }
    }

    /** All machines, each once; none at all when a name is unknown, with every such name told. */
    private List<Domain> resolve(Site site, Output output) {
        List<Domain> domains = new ArrayList<>();
        List<Views.TakenView> refused = new ArrayList<>();
        for (String vm : new LinkedHashSet<>(vms)) {
            try {
                Domain domain = domain(site, vm);
                if (domains.stream().noneMatch(known -> known.id().equals(domain.id()))) {
                    domains.add(domain);
                } else {
                    domain.close();
                }
            } catch (CommandFailed e) {
                output.error(e.problem());
                refused.add(Views.TakenView.refused(vm, e.problem()));
            }
        }
        if (!refused.isEmpty()) {
            domains.forEach(Domain::close);
            domains.clear();
            if (json()) {
                output.json(new Views.Runs(refused));
            }
        }
        return domains;
    }

    private GroupSnapshot.Result take(Site site, List<Domain> domains, Output output) {
        List<DomainId> vms = domains.stream().map(Domain::id).toList();
        Journal journal = journal(site, output, "snapshot", vms);
        ReconcileCommand.settle(site, journal, vms, ProgressBars.at(site, output, json()))
                .forEach(output::note);
        if (group) {
            GroupRule rule = keepOthers ? GroupRule.KEEP_OTHERS : GroupRule.ALL_OR_NOTHING;
            return GroupSnapshot.take(site, journal, domains, rule, snapshotOptions(site));
        }
        TakeUntilProved snapshot = untilProved(site, journal);
        List<Taken> taken = new ArrayList<>();
        for (Domain domain : domains) {
            if (!site.interrupted().getAsBoolean()) {
                taken.add(take(domain, snapshot, journal, snapshotOptions(site)));
            }
        }
        return new GroupSnapshot.Result(Optional.empty(), taken);
    }

    /** A new layer on top of what an interrupted run left would keep that from ever being taken back. */
    private static Optional<Taken> unsettled(Domain domain, Journal journal) {
        String vm = domain.id().name();
        return journal.unfinished().stream()
                .filter(run -> run.vm().equals(domain.id().uuid()) && run.state() != RunState.QUARANTINED)
                .findFirst()
                .map(run -> Taken.failed(
                        vm,
                        new CommandFailed(
                                run.state().mayBeHeld() ? ExitStatus.MAY_BE_FROZEN : ExitStatus.REFUSED,
                                new Problem(
                                        ErrorCode.UNSETTLED,
                                        "no snapshot of vm '%s' was taken: its run %s was cut short as %s and could not be settled"
                                                .formatted(vm, run.id().value(), run.state()),
                                        "see 'stillframe reconcile'"))))
                .or(() -> Admission.unfinishedJob(journal, domain.id().uuid())
                        .map(Admission::unsettled)
                        .map(problem -> Taken.failed(vm, new CommandFailed(ExitStatus.REFUSED, problem))));
    }

    static TakeSnapshot once(Site site, Journal journal) {
        return new TakeSnapshot(journal, site.machines(), site.clock(), site.timing(), site.interrupted());
    }

    static TakeUntilProved untilProved(Site site, Journal journal) {
        return new TakeUntilProved(once(site, journal), site.timing(), site.interrupted());
    }

    /** A run that could not even begin must not hide how the runs before it ended. */
    static Taken take(Domain domain, TakeUntilProved snapshot, Journal journal, SnapshotOptions options) {
        return take(domain, journal, () -> snapshot.of(domain, () -> RunId.random(RANDOM), options));
    }

    /** The same for runs that somebody else begins. */
    static Taken take(Domain domain, Journal journal, Supplier<List<Run>> runs) {
        try {
            return unsettled(domain, journal).orElseGet(() -> Taken.of(runs.get(), journal));
        } catch (JournalException e) {
            return Taken.failed(domain.id().name(), Stillframe.journalFailed(e));
        } catch (RuntimeException e) {
            return Taken.failed(domain.id().name(), broken(domain.id().name(), e));
        }
    }

    /** A fault of ours: the lease has released what it held, but nobody has seen the confirmation. */
    private static CommandFailed broken(String vm, RuntimeException failure) {
        return new CommandFailed(
                ExitStatus.MAY_BE_FROZEN,
                new Problem(
                        ErrorCode.THAW,
                        "the run of vm '%s' broke, its guest may still be frozen: %s".formatted(vm, failure),
                        "run 'stillframe thaw %s'".formatted(vm)));
    }

    private SnapshotOptions snapshotOptions(Site site) {
        return new SnapshotOptions(
                        Optional.ofNullable(required),
                        site.required(),
                        excluded,
                        Optional.ofNullable(freezeLimit)
                                .orElse(site.settings().limits().freeze()),
                        site.settings().limits().thaw())
                .onDoubt(Optional.ofNullable(onDoubt).orElse(site.settings().onDoubt()))
                .telling(Optional.ofNullable(hooks)
                        .map(named -> new Hooks(named, site.settings().hooks().limit()))
                        .orElse(site.settings().hooks()));
    }

    private static ExitStatus interruptedUnlessGraver(Site site, List<Taken> taken) {
        List<ExitStatus> statuses =
                new ArrayList<>(taken.stream().map(Taken::status).toList());
        if (site.interrupted().getAsBoolean()) {
            statuses.add(ExitStatus.INTERRUPTED);
        }
        return ExitStatus.gravest(statuses);
    }
}
