package io.stillframe.orchestrator.cli;

import picocli.CommandLine.Command;

/** {@code sentinel}: started by every command that may freeze a guest, never by hand. */
@Command(
        name = "sentinel",
        hidden = true,
        description = "Guard the guests of the process at the other end of stdin and stdout.")
final class SentinelCommand extends SiteCommand {
    @Override
    Place place() {
        return Place.OWN;
    }

    /** A plain kill does not end it before its last guest is released: it would be the very death it guards against. */
    @Override
    ExitStatus run(Site site, Output output) {
        site.forgiveConfiguration();
        return site.uninterrupted(() -> {
            site.standSentinel();
            return ExitStatus.DONE;
        });
    }
}
