package io.stillframe.orchestrator.cli;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code thaw VM}. Needs neither journal nor a valid configuration nor the state directory: whatever else is broken or
 * held, a guest can be thawed.
 */
@Command(
        name = "thaw",
        description =
                "Thaw a guest, whoever froze it: through its agent and, if that fails, with Alt+SysRq+J. A snapshot "
                        + "that is being taken of it loses its consistency.")
final class ThawCommand extends SiteCommand {
    @Parameters(paramLabel = "VM", description = "name or UUID")
    private String vm;

    @Override
    Place place() {
        return Place.ANY;
    }

    @Override
    ExitStatus run(Site site, Output output) {
        site.forgiveConfiguration();
        try {
            return site.uninterrupted(() -> thaw(site, output));
        } catch (GuestException e) {
            throw notReached(unreachable(e));
        } catch (CommandFailed e) {
            throw e.problem().code() == ErrorCode.HYPERVISOR_UNREACHABLE ? notReached(e) : e;
        }
    }

    /** Whoever asks for a thaw has a reason to, and nobody has seen the guest. */
    private static CommandFailed notReached(CommandFailed failed) {
        return new CommandFailed(ExitStatus.MAY_BE_FROZEN, failed.problem());
    }

    /** Not cut short by Ctrl-C, whose exit status would say that the guest is thawed. */
    private ExitStatus thaw(Site site, Output output) {
        try (Domain domain = domain(site, vm)) {
            String name = domain.id().name();
            Lease lease = site.lease(domain.id());
            Rescue rescue = new Rescue(
                    site.machines().hypervisor(),
                    site.timing(),
                    site.settings().limits().thaw());
            Thaw thaw = rescue.of(lease, Duration.ZERO);
            if (json()) {
                output.json(Views.Thawed.of(name, thaw));
            } else if (thaw.confirmed()) {
                output.line("vm '%s' is thawed: %s".formatted(name, thaw.how()));
            }
            if (!thaw.confirmed()) {
                output.error(overdue(name, thaw, site.machines().guard().goOn(lease)));
            }
            return thaw.confirmed() ? ExitStatus.DONE : ExitStatus.MAY_BE_FROZEN;
        }
    }

    private static Problem overdue(String name, Thaw thaw, String goesOn) {
        return new Problem(
                ErrorCode.THAW,
                "thaw not confirmed for vm '%s': guest may still be frozen (%s); %s"
                        .formatted(name, thaw.how(), goesOn),
                "run 'stillframe reconcile' where its disk is suspended ('dmsetup info'), resume the machine if it is "
                        + "paused, restart the agent inside it, or thaw from its console with 'fsfreeze -u'");
    }
}
