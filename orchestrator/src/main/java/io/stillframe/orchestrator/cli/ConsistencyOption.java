package io.stillframe.orchestrator.cli;

import io.stillframe.db.Consistency;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a consistency class by its label. */
final class ConsistencyOption implements ITypeConverter<Consistency> {
    @Override
    public Consistency convert(String value) {
        return Consistency.ofLabel(value)
                .orElseThrow(() -> new TypeConversionException("'%s' is not one of %s"
                        .formatted(
                                value,
                                Arrays.stream(Consistency.values())
                                        .map(Consistency::label)
                                        .collect(Collectors.joining(", ")))));
    }
}
