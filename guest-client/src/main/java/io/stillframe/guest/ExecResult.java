package io.stillframe.guest;

import java.util.Objects;

/** How a program in the guest ended. Output is what the guest says it is, cut at the agent's own limit. */
public record ExecResult(int exitCode, String stdout, String stderr) {
    public ExecResult {
        Objects.requireNonNull(stdout, "stdout");
        Objects.requireNonNull(stderr, "stderr");
    }

    public boolean succeeded() {
        return exitCode == 0;
    }
}
