package io.stillframe.guest;

import java.util.Objects;
import java.util.Set;

/** The agent's version and the commands it says it would execute now. */
public record AgentInfo(String version, Set<String> enabledCommands) {
    public AgentInfo {
        Objects.requireNonNull(version, "version");
        enabledCommands = Set.copyOf(enabledCommands);
    }

    /** Whether the agent would execute a command, by the agent's own name of it: {@code guest-exec}. */
    public boolean allows(String command) {
        return enabledCommands.contains(command);
    }
}
