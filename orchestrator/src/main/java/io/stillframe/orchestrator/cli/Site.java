package io.stillframe.orchestrator.cli;

import io.stillframe.config.Settings;
import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.Machines;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
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
     * The journal, held by this process alone until the site is closed.
     *
     * @param purpose what this process is about to do, for those who find it held
     * @param vms the machines it is about to touch; another process that touches one of them is not waited for
     */
    Journal journal(String purpose, List<DomainId> vms);

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

    /** Makes the site for what the user said. */
    @FunctionalInterface
    interface Opener {
        Site open(GlobalOptions options);
    }
}
