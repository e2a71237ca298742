package io.stillframe.orchestrator.cli;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.Admission;
import io.stillframe.orchestrator.state.RecoveryAction;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot VM...}. */
@Command(
        name = "snapshot",
        description = "Take a snapshot of each machine, one after the other. All names must be known, or nothing is "
                + "touched.")
final class SnapshotCommand extends SiteCommand {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Parameters(paramLabel = "VM", arity = "1..*", description = "name or UUID")
    private List<String> vms;

    @Option(
            names = "--require",
            paramLabel = "CLASS",
            converter = ConsistencyOption.class,
            description = "the least that will do: filesystem (the default for a machine that runs), application (with "
                    + "--hooks) or crash (also without a freeze)")
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
            names = "--on-doubt",
            paramLabel = "THEN",
            converter = OnDoubtOption.class,
            description =
                    "what becomes of a snapshot that proves to be less than is required: discard (the default), keep "
                            + "(as crash, with the reason), or retry:N (up to N more attempts, then discard)")
    private OnDoubt onDoubt;

    @Override
    ExitStatus run(Site site, Output output) {
        site.machines(); // what is wrong with all of them is told once, before any name is looked up
        List<Domain> domains = resolve(site, output);
        if (domains.isEmpty()) {
            return ExitStatus.REFUSED;
        }
        try {
            List<Taken> taken = site.uninterrupted(() -> take(site, domains, output));
            print(taken, output);
            return interruptedUnlessGraver(site, taken);
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

    private void print(List<Taken> taken, Output output) {
        List<Views.TakenView> views = taken.stream().map(Taken::view).toList();
        if (json()) {
            output.json(new Views.Runs(views));
        } else {
            views.forEach(view -> new TakenText(output).print(view));
        }
        taken.forEach(of -> of.problem().ifPresent(output::error));
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

    private List<Taken> take(Site site, List<Domain> domains, Output output) {
        List<DomainId> vms = domains.stream().map(Domain::id).toList();
        Journal journal = journal(site, output, "snapshot", vms);
        ReconcileCommand.settle(site, journal, vms, ProgressBars.at(site, output, json()))
                .forEach(output::note);
        TakeUntilProved snapshot = snapshot(site, journal);
        List<Taken> taken = new ArrayList<>();
        for (Domain domain : domains) {
            if (!site.interrupted().getAsBoolean()) {
                taken.add(take(domain, snapshot, journal, snapshotOptions(site)));
            }
        }
        return taken;
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
                                RecoveryAction.mayBeHeld(run.state()) ? ExitStatus.MAY_BE_FROZEN : ExitStatus.REFUSED,
                                new Problem(
                                        ErrorCode.UNSETTLED,
                                        "no snapshot of vm '%s' was taken: its run %s was cut short as %s and could not be settled"
                                                .formatted(vm, run.id().value(), run.state()),
                                        "see 'stillframe reconcile'"))))
                .or(() -> Admission.unfinishedJob(journal, domain.id().uuid())
                        .map(Admission::unsettled)
                        .map(problem -> Taken.failed(vm, new CommandFailed(ExitStatus.REFUSED, problem))));
    }

    static TakeUntilProved snapshot(Site site, Journal journal) {
        return new TakeUntilProved(
                new TakeSnapshot(journal, site.machines(), site.clock(), site.timing(), site.interrupted()),
                site.timing(),
                site.interrupted());
    }

    /** A run that could not even begin must not hide how the runs before it ended. */
    static Taken take(Domain domain, TakeUntilProved snapshot, Journal journal, SnapshotOptions options) {
        try {
            return unsettled(domain, journal)
                    .orElseGet(() -> Taken.of(snapshot.of(domain, () -> RunId.random(RANDOM), options), journal));
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

    /** What came of one machine's part. */
    record Taken(ExitStatus status, Views.TakenView view, Optional<Problem> problem) {
        /** Runs that have ended, as the journal has them; the last one counts. */
        static Taken of(List<Run> attempts, Journal journal) {
            Run run = attempts.get(attempts.size() - 1);
            return new Taken(
                    ExitStatus.of(run),
                    view(run, journal).after(attempts.subList(0, attempts.size() - 1)),
                    run.result().error().map(Problem::of));
        }

        static Taken failed(String vm, CommandFailed failure) {
            return new Taken(
                    failure.status(), Views.TakenView.refused(vm, failure.problem()), Optional.of(failure.problem()));
        }

        /** How the run ended must be told even where the journal has just failed. */
        private static Views.TakenView view(Run run, Journal journal) {
            try {
                return Views.TakenView.of(run, journal.evidence(run.id()), journal.volumes(run.id()));
            } catch (JournalException e) {
                return Views.TakenView.of(run, List.of(), List.of());
            }
        }
    }
}
