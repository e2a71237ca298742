package io.stillframe.orchestrator.cli;

import io.stillframe.config.OnDoubt;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what becomes of a snapshot in doubt, as the configuration writes it. */
final class OnDoubtOption implements ITypeConverter<OnDoubt> {
    @Override
    public OnDoubt convert(String value) {
        return OnDoubt.parse(value)
                .orElseThrow(
                        () -> new TypeConversionException("'%s' is not one of %s".formatted(value, OnDoubt.EXPECTED)));
    }
}
