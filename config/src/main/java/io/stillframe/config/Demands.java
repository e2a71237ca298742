package io.stillframe.config;

import java.time.Duration;
import java.util.Objects;

/**
 * What a policy asks of each of its snapshots.
 *
 * @param require the least that will do for a running machine
 * @param freezeLimit as {@link Limits#freeze}
 * @param hooks the applications that are told of its freeze
 */
public record Demands(Requirement require, OnDoubt onDoubt, Duration freezeLimit, Hooks hooks) {
    public Demands {
        Objects.requireNonNull(require, "require");
        Objects.requireNonNull(onDoubt, "onDoubt");
        Objects.requireNonNull(hooks, "hooks");
        Limits.FREEZE.require("freezeLimit", freezeLimit);
    }
}
