package io.stillframe.orchestrator.cli;

import io.stillframe.config.Settings;
import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.api.Endpoint;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.recovery.HeldGuests;
import io.stillframe.orchestrator.schedule.Schedule;
import io.stillframe.orchestrator.systemd.ServiceManager;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Where a command works: this host's hypervisor and state directory, as the global options and the configuration say.
 * Everything is opened when it is first asked for, and closed with the site.
 */
public interface Site extends AutoCloseable {
    /**
     * The settings in force.
     *
     * @throws CommandFailed when the configuration is not valid
     */
    Settings settings();

    /**
     * From now on an invalid configuration counts as none, with a warning on stderr: for a command that must not fail
     * because of it.
     */
    void forgiveConfiguration();

    /** The configuration file that these settings come from, or would. */
    Path configFile();

    /** The consistency that the configuration asks for. */
    default Consistency required() {
        return Consistency.valueOf(settings().require().name());
    }

    /**
     * The connections to the hypervisor.
     *
     * @throws CommandFailed when libvirt does not answer
     */
    Machines machines();

    /** What every run needs of this host. */
    List<Check> hostChecks();

    /**
     * Holds the state directory, until the site is closed, and machines against every other process of this host. Called
     * again it holds more machines.
     *
     * @param purpose what this process is about to do, for those who find it held
     * @param vms the machines it is about to touch; another process that touches one of them is not waited for
     * @throws CommandFailed when another process holds them
     */
    void hold(String purpose, List<DomainId> vms);

    /**
     * Lets others work with other machines from now on, though this one goes on with those that it holds: for a job that is in
     * the journal and may take long. No run may be under way, and none may begin before the next {@link #hold}, which waits
     * for the turn again. Only in a process that holds the state directory for longer; the work of any other is waited for.
     */
    void letOthers();

    /** The guests that an earlier process held when it ended; the state directory is held. */
    HeldGuests heldGuests();

    /**
     * The machines of the state directory whose guests an earlier process may have left held. Reads only. Where this process
     * keeps the directory it takes a turn that is free, until the site is closed, and knows of none while another has one.
     */
    List<String> held();

    /** What the state directory knows of a guest that may be held, held by whomever; little where it knows none. */
    Lease lease(DomainId vm);

    /**
     * Whether a guest is not known to be released, or a run was not at its end, nor left to an operator, when the journal
     * was last left. While others work, theirs may count as well; this opens nothing and waits for nobody.
     */
    boolean isUnsettled();

    /**
     * The journal; the state directory is held.
     *
     * @throws CommandFailed when it cannot be opened
     */
    Journal journal();

    /**
     * Gives an unreadable journal another name; the state directory is held.
     *
     * @return where it is now
     */
    Path setJournalAside();

    /** Stands guard over the guests of the process at the other end of stdin and stdout, until none is left to guard. */
    void standSentinel();

    /**
     * Reads the configuration anew; the settings in force stay what they are.
     *
     * @throws CommandFailed when it is not valid
     */
    Settings reread();

    /** Another site of this host for a piece of work of its own, with these settings. */
    Site anew(Settings settings, Caller caller);

    /** Another site of this host, as somebody else has said. */
    Site anew(GlobalOptions options, Caller caller);

    /**
     * Holds the state directory until the site is closed, for whatever works at sites made from this one: each in its
     * turn, as processes would.
     *
     * @throws CommandFailed when another process holds it: at once where that is a daemon, too
     */
    void keep();

    /** The journal, to be looked at while others work with it; empty where it has to be held for that. */
    Optional<Journal> journalToLookAt();

    /** The schedule of the state directory, which is held; not started, and closed by the caller. */
    Schedule schedule(Schedule.Runs runs);

    /** The programs of this host. */
    Commands commands();

    /**
     * Answers requests, at the socket of the state directory.
     *
     * @param port also at this port of the loopback interface
     * @throws CommandFailed when it cannot listen there
     */
    Service serve(List<Endpoint> endpoints, Optional<Integer> port);

    /** Where a daemon listens that holds the state directory, if there is one. */
    Path socket();

    /** Who wants to know how it is with this process. */
    ServiceManager serviceManager();

    /** Where this process was called. */
    Terminal terminal();

    Clock clock();

    Timing timing();

    /**
     * Does work that must not be cut short: an interruption (Ctrl-C, a closed terminal, a plain kill) is only noted, for
     * the work to ask after, and the process ends when the work has ended.
     */
    <T> T uninterrupted(Supplier<T> work);

    /** Whether an interruption was noted. */
    BooleanSupplier interrupted();

    @Override
    void close();

    /** Answers until it is closed; that returns when the last answer is given. */
    interface Service extends AutoCloseable {
        @Override
        void close();
    }

    /** Makes the site for what the user said. */
    @FunctionalInterface
    interface Opener {
        Site open(GlobalOptions options);
    }
}
