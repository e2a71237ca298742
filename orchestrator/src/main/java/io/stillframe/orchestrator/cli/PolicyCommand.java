package io.stillframe.orchestrator.cli;

import io.stillframe.config.Policy;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code policy …}. */
@Command(
        name = "policy",
        description = "Look at the policies of the configuration, and run them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PolicyListCommand.class,
            PolicyNextCommand.class,
            PolicyExplainCommand.class,
            PolicyRunCommand.class
        })
final class PolicyCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
    }

    /** @throws CommandFailed where there is none of that name */
    static Policy named(Site site, String name) {
        Policy policy = site.settings().policies().get(name);
        if (policy == null) {
            throw new CommandFailed(
                    ExitStatus.USAGE,
                    new Problem(
                            ErrorCode.CONFIGURATION,
                            "no policy '%s' in %s".formatted(name, site.configFile()),
                            site.settings().policies().isEmpty()
                                    ? "there is none; see the README for an example"
                                    : "there are: "
                                            + String.join(
                                                    ", ",
                                                    site.settings().policies().keySet())));
        }
        return policy;
    }

    /** A moment on the clocks of a policy's zone, to the second. */
    static String clock(Policy policy, Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS)
                .atZone(policy.timetable().zone())
                .toOffsetDateTime()
                .toString();
    }
}
