package io.stillframe.orchestrator.policy;

import static org.junit.jupiter.api.Assertions.fail;

import io.stillframe.config.Loaded;
import io.stillframe.config.Policy;
import io.stillframe.config.SettingsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Policies as somebody would write them. */
public final class Policies {
    private Policies() {}

    /** The policy {@code p} of every machine, with these further lines. */
    public static Policy policy(String... lines) {
        StringBuilder yaml = new StringBuilder("policies:\n  p:\n    select: { names: [\"*\"] }\n");
        for (String line : lines) {
            yaml.append("    ").append(line).append('\n');
        }
        try {
            Path file = Files.createTempFile("policies", ".yaml");
            try {
                Files.writeString(file, yaml);
                Loaded loaded = SettingsFile.load(file);
                return loaded instanceof Loaded.Valid valid
                        ? valid.settings().policies().get("p")
                        : fail(loaded.toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
