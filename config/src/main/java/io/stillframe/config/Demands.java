package io.stillframe.config;

import java.time.Duration;
import java.util.Objects;

/**
 * What a policy asks of each of its snapshots.
 *
 * @param require the least that will do for a running machine
 * @param freezeLimit as {@link Limits#freeze}
 */
public record Demands(Requirement require, OnDoubt onDoubt, Duration freezeLimit) {
    public Demands {
        Objects.requireNonNull(require, "require");
        Objects.requireNonNull(onDoubt, "onDoubt");
        Limits.FREEZE.require("freezeLimit", freezeLimit);
    }
}
