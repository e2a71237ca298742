package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that works at a site: opens it, does its work, closes it; what has to be asked is asked before. */
@Command(mixinStandardHelpOptions = true)
abstract class SiteCommand implements Callable<Integer> {
    /** Which process may execute a command. */
    enum Place {
        /** Only the one that was started for it. */
        OWN,
        /** Any: it does not need the state directory. */
        ANY,
        /** The one that holds the state directory: a daemon, where one does. */
        HOLDER
    }

    /** A daemon listens within a second of its start. */
    private static final int MOST_ATTEMPTS = 11;

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);

    private GlobalOptions options;
    private Site.Opener opener;
    private Output output;
    private boolean served;

    @Spec
    private CommandSpec command;

    /** @param byDaemon whether this process executes it for another one */
    void use(GlobalOptions globalOptions, Site.Opener siteOpener, Output siteOutput, boolean byDaemon) {
        options = globalOptions;
        opener = siteOpener;
        output = siteOutput;
        served = byDaemon;
    }

    Place place() {
        return Place.HOLDER;
    }

    abstract ExitStatus run(Site site, Output output);

    /** Whether the operator may have to confirm it. */
    boolean asks() {
        return false;
    }

    /**
     * What the operator has to confirm, as a sentence; empty where nothing. It is looked up at a site of its own: nobody else
     * is kept waiting by a question that is not answered, and {@link #run} looks again at what it was about.
     */
    Optional<String> question(Site site, Output console) {
        return Optional.empty();
    }

    @Override
    public Integer call() {
        if (served && place() == Place.OWN) {
            throw CommandFailed.refused(
                    ErrorCode.HELD, "nothing was touched: a daemon executes no such command", "start it by itself");
        }
        return served || place() != Place.HOLDER ? here() : atHolder();
    }

    /** A daemon that is about to begin holds the state directory before it listens. */
    private int atHolder() {
        for (int attempt = 1; ; attempt++) {
            OptionalInt there = atDaemon();
            if (there.isPresent()) {
                return there.getAsInt();
            }
            try {
                return here();
            } catch (DaemonSilent e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
            pause();
        }
    }

    private void pause() {
        try (Site site = opener.open(options)) {
            site.timing().pause(BETWEEN_ATTEMPTS);
        }
    }

    /** By the daemon that holds the state directory, as this process would; empty where there is none. */
    private OptionalInt atDaemon() {
        try (Site site = opener.open(options)) {
            List<String> arguments =
                    command.root().commandLine().getParseResult().originalArgs();
            return DaemonCall.at(site, output)
                    .map(call -> call.execute(arguments))
                    .orElse(OptionalInt.empty());
        }
    }

    private int here() {
        if (asks()) {
            ask();
        }
        try (Site site = opener.open(options)) {
            return status(site).code();
        }
    }

    private ExitStatus status(Site site) {
        ExitStatus status = told(site, () -> run(site, output));
        return mayBeFrozen(site) ? ExitStatus.MAY_BE_FROZEN : status;
    }

    private boolean mayBeFrozen(Site site) {
        return output.mayBeFrozen(site.heldGuests().outdated());
    }

    /** What goes wrong in it is told as a command tells it. */
    private <T> T told(Site site, Supplier<T> work) {
        try {
            return work.get();
        } catch (JournalException e) {
            throw graver(site, Stillframe.journalFailed(e));
        } catch (GuestException e) {
            throw graver(site, unreachable(e));
        } catch (CommandFailed e) {
            throw graver(site, e);
        }
    }

    static CommandFailed unreachable(GuestException e) {
        return CommandFailed.refused(
                ErrorCode.HYPERVISOR_UNREACHABLE, e.getMessage(), "see libvirtd's log, then try again");
    }

    /** A command that could not be executed has not seen to the guests either that an earlier one may have left held. */
    final CommandFailed graver(Site site, CommandFailed failed) {
        Problem problem = failed.problem();
        List<String> held = seesToNobody(failed) ? held(site) : List.of();
        if (!held.isEmpty()) {
            problem = new Problem(
                    problem.code(),
                    "%s; guests that an earlier process held may still be frozen: %s"
                            .formatted(problem.message(), String.join("; ", left(site, held))),
                    "run 'stillframe thaw %s'; %s".formatted(held.get(0), problem.hint()));
        }
        return held.isEmpty() && !mayBeFrozen(site) ? failed : new CommandFailed(ExitStatus.MAY_BE_FROZEN, problem);
    }

    /** Nobody reaches libvirt, or the state directory cannot be used: then no lease was looked at. */
    private static boolean seesToNobody(CommandFailed failed) {
        return failed.problem().code() == ErrorCode.HYPERVISOR_UNREACHABLE
                || failed.problem().code() == ErrorCode.JOURNAL;
    }

    /** Somebody goes on with each, as far as one can be found; their names where none can. */
    private static List<String> left(Site site, List<String> held) {
        try {
            return site.heldGuests().leaveAll();
        } catch (RuntimeException e) {
            return held;
        }
    }

    private static List<String> held(Site site) {
        try {
            return site.held();
        } catch (RuntimeException e) {
            return List.of(); // a directory that cannot even be read is nobody's, as far as can be seen
        }
    }

    private void ask() {
        Optional<String> question;
        Terminal terminal;
        try (Site site = opener.open(options)) {
            terminal = site.terminal();
            question = told(site, () -> question(site, output));
        }
        question.ifPresent(consequence -> Confirmation.require(terminal, consequence));
    }

    /**
     * The journal of the state directory, held from now on with the machines that are to be touched. At every start the guests come first that an earlier process
     * left held, and before the journal, which may be unreadable.
     */
    static Journal journal(Site site, Output output, String purpose, List<DomainId> vms) {
        site.hold(purpose, vms);
        Set<UUID> awaited = vms.stream().map(DomainId::uuid).collect(Collectors.toSet());
        site.heldGuests()
                .release(awaited::contains, vm -> site.hold(purpose, List.of(vm)))
                .forEach(output::note);
        return site.journal();
    }

    /** The journal, for a command that only looks: beside whoever works, where it is the daemon's. */
    static Journal journalToLookAt(Site site, Output output, String purpose) {
        return site.journalToLookAt().orElseGet(() -> journal(site, output, purpose, List.of()));
    }

    boolean json() {
        return options.json();
    }

    /** A machine by the name that the user gave. */
    static Domain domain(Site site, String name) {
        try {
            return site.machines().hypervisor().domain(name);
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                throw e;
            }
            throw CommandFailed.refused(
                    ErrorCode.UNKNOWN_VM,
                    "no vm '%s'; nothing was touched".formatted(name),
                    "see 'virsh list --all' for the names");
        }
    }
}
