package io.stillframe.orchestrator.cli;

import io.stillframe.config.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a length of time as the configuration writes it. */
final class DurationOption implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
        return Durations.parse(value)
                .filter(duration -> !duration.isNegative() && !duration.isZero())
                .orElseThrow(() -> new TypeConversionException(
                        "'%s' is not a length of time such as 800ms, 10s or 5m".formatted(value)));
    }
}
