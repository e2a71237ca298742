package io.stillframe.orchestrator.cli;

import io.stillframe.config.Loaded;
import io.stillframe.config.SettingsFile;
import io.stillframe.config.SettingsSchema;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code config …}. */
@Command(
        name = "config",
        description = "Work with the configuration.",
        mixinStandardHelpOptions = true,
        subcommands = {ConfigCommand.Validate.class, ConfigCommand.Schema.class})
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
    }

    /** {@code config validate [FILE]}. */
    @Command(name = "validate", description = "Check a configuration file and tell everything that is wrong with it.")
    static final class Validate extends SiteCommand {
        @Parameters(
                paramLabel = "FILE",
                arity = "0..1",
                description = "default: the one that the other commands would use")
        private Path named;

        @Override
        Place place() {
            return Place.ANY;
        }

        @Override
        ExitStatus run(Site site, Output output) {
            Path file = named == null ? site.configFile() : named;
            Loaded loaded = SettingsFile.load(file);
            List<String> problems = loaded instanceof Loaded.Invalid invalid
                    ? invalid.problems().stream().map(Object::toString).toList()
                    : List.of();
            if (json()) {
                output.json(new Views.Validated(file.toString(), problems.isEmpty(), problems));
            } else if (problems.isEmpty()) {
                output.line(file + " is valid");
            } else {
                problems.forEach(output::complaint);
            }
            return problems.isEmpty() ? ExitStatus.DONE : ExitStatus.USAGE;
        }
    }

    /** {@code config schema}. */
    @Command(name = "schema", description = "Print the JSON Schema of the configuration, for editors.")
    static final class Schema extends SiteCommand {
        @Override
        Place place() {
            return Place.ANY;
        }

        @Override
        ExitStatus run(Site site, Output output) {
            output.document(SettingsSchema.text());
            return ExitStatus.DONE;
        }
    }
}
