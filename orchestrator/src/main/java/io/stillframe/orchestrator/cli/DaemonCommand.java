package io.stillframe.orchestrator.cli;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code daemon}. */
@Command(
        name = "daemon",
        description =
                "Put right what a crash left, then run the policies of the configuration when they are due, until a "
                        + "signal ends it (SIGTERM, Ctrl-C). A changed configuration is taken over as soon as it is "
                        + "valid. What happens is told on stderr. As long as it runs it executes the other commands that "
                        + "need the state directory, with the same output.")
final class DaemonCommand extends SiteCommand {
    private static final int HIGHEST = 65_535;

    @Option(
            names = "--port",
            paramLabel = "N",
            description =
                    "answer requests at this port of the loopback interface, too, for those who have the token that is "
                            + "in the state directory; without it only at the socket there")
    private Integer port;

    @Spec
    private CommandSpec spec;

    @Override
    Place place() {
        return Place.OWN;
    }

    @Override
    ExitStatus run(Site site, Output output) {
        if (port != null && (port < 1 || port > HIGHEST)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--port is 1 to " + HIGHEST);
        }
        return site.uninterrupted(() -> new Daemon(site, output).serve(Optional.ofNullable(port)));
    }
}
