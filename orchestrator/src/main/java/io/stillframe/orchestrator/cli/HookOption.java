package io.stillframe.orchestrator.cli;

import io.stillframe.config.Hook;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a hook by its label. */
final class HookOption implements ITypeConverter<Hook> {
    @Override
    public Hook convert(String value) {
        return Arrays.stream(Hook.values())
                .filter(hook -> hook.label().equals(value))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'%s' is not one of %s"
                        .formatted(
                                value,
                                Arrays.stream(Hook.values()).map(Hook::label).collect(Collectors.joining(", ")))));
    }
}
