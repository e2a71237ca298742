package io.stillframe.orchestrator.load;

import io.stillframe.config.Loaded;
import io.stillframe.config.Policy;
import io.stillframe.config.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How much of it there is.
 *
 * @param machines each with a policy of its own: the most that a schedule can have to do
 * @param filled so many of them have a past
 * @param days of virtual time
 * @param real how long the daemon then runs, in real time
 */
record Scale(int machines, int filled, int days, Duration real) {
    private static final int MACHINES_TO_ONE_LIVED = 5000;
    private static final int SO_FEW = 200;
    static final String KEEP = "{hourly: 6, daily: 3}";
    static final Duration HISTORY = Duration.ofDays(1);

    /** Those whose month is lived run by run; each of the others has a copy of what one of them is left with. */
    int lived() {
        return Math.max(1, filled / MACHINES_TO_ONE_LIVED);
    }

    /** Instead of every hour: so few machines would hardly fire in a few minutes. */
    boolean everyMinute() {
        return machines <= SO_FEW;
    }

    /** What is virtual is hourly at all scales. The minutes are spread by hand, the seconds by jitter. */
    Map<String, Policy> policies(Path file) throws IOException {
        return load(file, false);
    }

    /** The same for the daemon. */
    Map<String, Policy> firing(Path file) throws IOException {
        return load(file, everyMinute());
    }

    private Map<String, Policy> load(Path file, boolean minutely) throws IOException {
        Files.writeString(
                file,
                IntStream.rangeClosed(1, machines)
                        .mapToObj(number -> policy(number, minutely))
                        .collect(Collectors.joining("", "history: 1d\npolicies:\n", "")));
        if (SettingsFile.load(file) instanceof Loaded.Valid valid) {
            return valid.settings().policies();
        }
        throw new IllegalStateException("not valid: " + file);
    }

    static int minute(int number) {
        return number % 60;
    }

    private static String policy(int number, boolean minutely) {
        return " %1$s: {select: {names: [%1$s]}, schedule: \"%2$s * * * *\", jitter: %3$s, keep: %4$s}\n"
                .formatted(
                        SimulatedMachines.name(number),
                        minutely ? "*" : String.valueOf(minute(number)),
                        minutely ? "30s" : "1m",
                        KEEP);
    }
}
