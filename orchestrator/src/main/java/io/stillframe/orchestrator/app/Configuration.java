package io.stillframe.orchestrator.app;

import io.stillframe.config.Loaded;
import io.stillframe.config.Settings;
import io.stillframe.config.SettingsFile;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.cli.ExitStatus;
import io.stillframe.orchestrator.cli.GlobalOptions;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** The configuration file, and the options that come before what it says. */
final class Configuration {
    private static final Path USUAL = Path.of("/etc/stillframe/stillframe.yaml");

    private final GlobalOptions options;
    private final PrintStream err;
    private boolean forgiving;

    Configuration(GlobalOptions options, PrintStream err) {
        this.options = options;
        this.err = err;
    }

    Path file() {
        return options.config().orElse(USUAL);
    }

    /** From now on one that is not valid counts as none, with a warning. */
    void forgive() {
        forgiving = true;
    }

    /** @throws CommandFailed when it is not valid */
    Settings read() {
        Settings loaded = load();
        return new Settings(
                options.connect().orElse(loaded.connect()),
                options.stateDir().map(Path::toAbsolutePath).orElse(loaded.stateDir()),
                loaded.require(),
                loaded.onDoubt(),
                loaded.hooks(),
                loaded.limits(),
                loaded.space(),
                loaded.history(),
                loaded.policies());
    }

    private Settings load() {
        if (options.config().isEmpty() && !Files.exists(USUAL)) {
            return Settings.DEFAULT;
        }
        Loaded loaded = SettingsFile.load(file());
        if (loaded instanceof Loaded.Invalid invalid) {
            String problems = invalid.problems().stream().map(Object::toString).collect(Collectors.joining(" | "));
            if (forgiving) {
                err.println("warning: the configuration is left out of account: " + problems);
                return Settings.DEFAULT;
            }
            throw new CommandFailed(
                    ExitStatus.USAGE,
                    new Problem(
                            ErrorCode.CONFIGURATION,
                            problems,
                            "correct it, and check it with 'stillframe config validate %s'".formatted(file())));
        }
        return ((Loaded.Valid) loaded).settings();
    }
}
