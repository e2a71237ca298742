package io.stillframe.orchestrator.cli;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.orchestrator.lease.Release;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code thaw VM}. Needs neither journal nor a valid configuration nor the state directory: whatever else is broken or held, a
 * guest can be thawed.
 */
@Command(
        name = "thaw",
        description = "Thaw a guest, whoever froze it. A snapshot that is being taken of it loses its consistency.")
final class ThawCommand extends SiteCommand {
    @Parameters(paramLabel = "VM", description = "name or UUID")
    private String vm;

    @Override
    ExitStatus run(Site site, Output output) {
        site.forgiveConfiguration();
        return site.uninterrupted(() -> thaw(site, output));
    }

    /** Not cut short by Ctrl-C, whose exit status would say that the guest is thawed. */
    private ExitStatus thaw(Site site, Output output) {
        try (Domain domain = domain(site, vm);
                GuestAgent agent = site.machines().hypervisor().agent(domain.id())) {
            Thaw thaw = new Release(
                            domain,
                            agent,
                            site.timing(),
                            site.settings().limits().thaw())
                    .thaw();
            String name = domain.id().name();
            if (json()) {
                output.json(new Views.Thawed(name, thaw.confirmed(), Math.max(thaw.filesystems(), 0), thaw.how()));
            } else if (thaw.confirmed()) {
                output.line("vm '%s' is thawed: %s".formatted(name, thaw.how()));
            }
            if (!thaw.confirmed()) {
                output.error(new Problem(
                        ErrorCode.THAW,
                        "thaw not confirmed for vm '%s': guest may still be frozen (%s)".formatted(name, thaw.how()),
                        "resume the machine if it is paused, restart the agent inside it, or thaw from its console "
                                + "with 'fsfreeze -u'"));
            }
            return thaw.confirmed() ? ExitStatus.DONE : ExitStatus.MAY_BE_FROZEN;
        }
    }
}
