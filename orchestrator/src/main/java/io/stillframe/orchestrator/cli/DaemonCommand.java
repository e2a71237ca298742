package io.stillframe.orchestrator.cli;

import picocli.CommandLine.Command;

/** {@code daemon}. */
@Command(
        name = "daemon",
        description =
                "Put right what a crash left, then run the policies of the configuration when they are due, until a "
                        + "signal ends it (SIGTERM, Ctrl-C). A changed configuration is taken over as soon as it is "
                        + "valid. What happens is told on stderr.")
final class DaemonCommand extends SiteCommand {
    @Override
    ExitStatus run(Site site, Output output) {
        return site.uninterrupted(() -> new Daemon(site, output).serve());
    }
}
