package io.stillframe.orchestrator.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How many are listed of all machines together: there may be hundreds of thousands. */
final class Newest {
    private static final int MOST = 1_000_000;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "of all machines together list only the newest so many, 1 to 1000000 (default: 1000)")
    private int limit;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    int limit() {
        if (limit < 1 || limit > MOST) {
            throw new CommandLine.ParameterException(command.commandLine(), "--limit is 1 to " + MOST);
        }
        return limit;
    }

    /** Who sees a full list must know that it may not be all. */
    void complain(String what, int listed, Output output) {
        if (listed == limit) {
            output.complaint("only the newest %d %s are listed; name a machine, or ask for more with --limit"
                    .formatted(limit, what));
        }
    }
}
