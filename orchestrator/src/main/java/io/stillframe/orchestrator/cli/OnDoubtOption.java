package io.stillframe.orchestrator.cli;

import io.stillframe.config.OnDoubt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what becomes of a snapshot in doubt: in one word, where the configuration has a mapping. */
final class OnDoubtOption implements ITypeConverter<OnDoubt> {
    private static final Pattern RETRY = Pattern.compile("retry:([1-9]|10)");

    @Override
    public OnDoubt convert(String value) {
        Matcher retry = RETRY.matcher(value);
        if (retry.matches()) {
            return new OnDoubt(Integer.parseInt(retry.group(1)), OnDoubt.Then.DISCARD);
        }
        return switch (value) {
            case "discard" -> OnDoubt.DISCARD;
            case "keep" -> new OnDoubt(0, OnDoubt.Then.KEEP_AS_CRASH);
            default ->
                throw new TypeConversionException(
                        "'%s' is not one of discard, keep, or retry:N with N from 1 to 10".formatted(value));
        };
    }
}
