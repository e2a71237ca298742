package io.stillframe.orchestrator.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before or after its name. */
public final class GlobalOptions {
    @Option(
            names = "--connect",
            scope = ScopeType.INHERIT,
            paramLabel = "URI",
            description = "libvirt connection (default: the configuration's, else qemu:///system)")
    private String connect;

    @Option(
            names = "--state-dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description = "where the journal is kept (default: the configuration's, else /var/lib/stillframe)")
    private Path stateDir;

    @Option(
            names = "--config",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "configuration (default: /etc/stillframe/stillframe.yaml, where it exists)")
    private Path config;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "print one JSON document instead of text")
    private boolean json;

    public Optional<String> connect() {
        return Optional.ofNullable(connect);
    }

    public Optional<Path> stateDir() {
        return Optional.ofNullable(stateDir);
    }

    public Optional<Path> config() {
        return Optional.ofNullable(config);
    }

    public boolean json() {
        return json;
    }
}
