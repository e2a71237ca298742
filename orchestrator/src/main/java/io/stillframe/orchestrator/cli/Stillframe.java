package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line as a whole. */
@Command(
        name = "stillframe",
        description = "Live snapshots of running virtual machines that are consistent, prove it, and never leave a "
                + "guest frozen.",
        mixinStandardHelpOptions = true,
        version = "stillframe " + Stillframe.VERSION,
        subcommands = {
            DoctorCommand.class,
            SnapshotCommand.class,
            SnapshotsCommand.class,
            ShowCommand.class,
            VerifyCommand.class,
            CloneCommand.class,
            OpenCommand.class,
            CloseCommand.class,
            RevertCommand.class,
            DeleteCommand.class,
            RunsCommand.class,
            ReconcileCommand.class,
            PruneCommand.class,
            ThawCommand.class,
            PolicyCommand.class,
            TagCommand.class,
            DaemonCommand.class,
            SentinelCommand.class,
            ConfigCommand.class
        },
        footer = {
            "",
            "Exit status:",
            "  0    done",
            "  1    failed; the guest is thawed and nothing is left behind",
            "  2    wrong usage or configuration",
            "  3    refused before the guest was touched",
            "  4    a guest may still be frozen",
            "  5    needs an operator",
            "  130  interrupted; the guest is thawed"
        })
public final class Stillframe implements Runnable {
    public static final String VERSION = "0.1.0";

    @Mixin
    private final GlobalOptions options = new GlobalOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
    }

    /**
     * Executes a command line.
     *
     * @return the exit status
     */
    public static int execute(Site.Opener opener, PrintStream out, PrintStream err, String... args) {
        return execute(new Surroundings(opener, Path.of(""), false), out, err, args);
    }

    /**
     * Where a command line is executed.
     *
     * @param directory the one that relative paths begin in
     * @param served whether by a daemon, for another process
     */
    record Surroundings(Site.Opener opener, Path directory, boolean served) {}

    static int execute(Surroundings surroundings, PrintStream out, PrintStream err, String... args) {
        Output output = new Output(out, err);
        Stillframe stillframe = new Stillframe();
        CommandLine line = new CommandLine(stillframe, new Commands(stillframe.options, surroundings, output));
        line.registerConverter(Path.class, surroundings.directory()::resolve);
        line.setExpandAtFiles(false); // a machine may be named so, and no file of whoever executes it is meant
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler(Stillframe::wrongUsage);
        line.setExecutionExceptionHandler((failure, command, parsed) -> stillframe.failed(output, failure));
        return line.execute(args);
    }

    private static int wrongUsage(CommandLine.ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("error: " + Output.printable(failure.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("hint: see '%s --help'".formatted(command.getCommandSpec().qualifiedName()));
        return ExitStatus.USAGE.code();
    }

    private int failed(Output output, Exception failure) throws Exception {
        if (!(failure instanceof CommandFailed failed)) {
            throw failure;
        }
        output.error(failed.problem());
        if (options.json()) {
            output.json(new Views.Failure(Views.ErrorView.of(failed.problem())));
        }
        return failed.status().code();
    }

    /** Gives every command what it works with. */
    private record Commands(GlobalOptions options, Surroundings surroundings, Output output) implements IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            if (SiteCommand.class.isAssignableFrom(type)) {
                K command = type.getDeclaredConstructor().newInstance();
                ((SiteCommand) command).use(options, surroundings.opener(), output, surroundings.served());
                return command;
            }
            return CommandLine.defaultFactory().create(type);
        }
    }

    /** What a broken journal means for a command that only reads it. */
    static CommandFailed journalFailed(RuntimeException failure) {
        return new CommandFailed(
                ExitStatus.FAILED,
                new Problem(ErrorCode.JOURNAL, String.valueOf(failure.getMessage()), "see the state directory"));
    }
}
