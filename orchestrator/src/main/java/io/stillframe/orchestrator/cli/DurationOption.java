package io.stillframe.orchestrator.cli;

import io.stillframe.config.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how long a guest may be frozen, as the configuration writes it and within the configuration's upper bound. */
final class DurationOption implements ITypeConverter<Duration> {
    private static final Duration LONGEST = Duration.ofMinutes(5);

    @Override
    public Duration convert(String value) {
        return Durations.parse(value)
                .filter(duration -> !duration.isZero() && duration.compareTo(LONGEST) <= 0)
                .orElseThrow(() -> new TypeConversionException(
                        "'%s' is not a length of time such as 800ms or 10s, 5m at the most".formatted(value)));
    }
}
