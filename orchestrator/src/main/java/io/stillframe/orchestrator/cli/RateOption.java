package io.stillframe.orchestrator.cli;

import io.stillframe.config.ByteSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how fast data may be moved: {@code 50MiB/s} or {@code 50MiB}, in bytes a second. */
final class RateOption implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
        String size = value.endsWith("/s") ? value.substring(0, value.length() - 2) : value;
        return ByteSize.parse(size)
                .map(ByteSize::bytes)
                .filter(bytes -> bytes > 0)
                .orElseThrow(() -> new TypeConversionException(
                        "'%s' is not so many bytes a second, such as 50MiB/s".formatted(value)));
    }
}
