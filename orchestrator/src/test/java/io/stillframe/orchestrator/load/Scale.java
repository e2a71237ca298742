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
 * @param month how long the virtual time is
 * @param lived how much of its end is lived run by run; what the time before has left is written as it was left
 * @param real how long the daemon then runs, in real time
 * @param every minute instead of every hour, so that few machines fire as often as many do
 */
record Scale(int machines, Duration month, Duration lived, Duration real, boolean everyMinute) {
    static final Scale LARGE =
            new Scale(10_000, Duration.ofDays(30), Duration.ofDays(1), Duration.ofMinutes(20), false);
    static final Scale SMALL = new Scale(200, Duration.ofDays(3), Duration.ofHours(6), Duration.ofSeconds(20), true);

    /** Hourly, and kept for a day by the hour and for a week by the day. The minutes are spread by hand, the seconds by jitter. */
    Map<String, Policy> policies(Path file) throws IOException {
        return load(file, false);
    }

    /** The same, but for the schedule where it is for every minute. */
    Map<String, Policy> firing(Path file) throws IOException {
        return load(file, everyMinute);
    }

    private Map<String, Policy> load(Path file, boolean minutely) throws IOException {
        Files.writeString(
                file,
                IntStream.rangeClosed(1, machines)
                        .mapToObj(number -> policy(number, minutely))
                        .collect(Collectors.joining("", "policies:\n", "")));
        if (SettingsFile.load(file) instanceof Loaded.Valid valid) {
            return valid.settings().policies();
        }
        throw new IllegalStateException("not valid: " + file);
    }

    private static String policy(int number, boolean minutely) {
        return " m%05d: {select: {names: [m%05d]}, schedule: \"%s * * * *\", jitter: 1m, keep: {hourly: 24, daily: 7}}\n"
                .formatted(number, number, minutely ? "*" : String.valueOf(number % 60));
    }
}
