package io.stillframe.orchestrator.app;

import io.stillframe.config.Loaded;
import io.stillframe.config.Settings;
import io.stillframe.config.SettingsFile;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.cli.ExitStatus;
import io.stillframe.orchestrator.cli.GlobalOptions;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The configuration file, and the options that come before what it says. */
final class Configuration {
    private static final Path USUAL = Path.of("/etc/stillframe/stillframe.yaml");

    private final GlobalOptions options;
    private final PrintStream err;
    private boolean forgiving;
    private byte[] text = {};
    private Loaded loaded;

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
        Settings settings = load();
        return new Settings(
                options.connect().orElse(settings.connect()),
                options.stateDir().map(Path::toAbsolutePath).orElse(settings.stateDir()),
                settings.require(),
                settings.onDoubt(),
                settings.hooks(),
                settings.limits(),
                settings.space(),
                settings.history(),
                settings.policies());
    }

    private Settings load() {
        if (options.config().isEmpty() && !Files.exists(USUAL)) {
            return Settings.DEFAULT;
        }
        parse();
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

    /** Again only where it says something else: a daemon looks every few seconds, and thousands of policies take their time. */
    private void parse() {
        byte[] now = {};
        try (InputStream in = Files.newInputStream(file())) {
            now = in.readNBytes(SettingsFile.MAX_BYTES + 1);
        } catch (IOException e) {
            loaded = null; // whoever parses it says what is wrong
        }
        if (loaded == null || !Arrays.equals(now, text)) {
            loaded = SettingsFile.load(file());
            text = now;
        }
    }
}
