package io.stillframe.db;

import java.util.Locale;
import java.util.Optional;

/** What is proved of a snapshot, from the weakest to the strongest. */
public enum Consistency {
    /** As after a power cut: every disk at one instant, nothing flushed for the occasion. */
    CRASH,
    /** Every filesystem was clean and at rest. */
    FILESYSTEM,
    /** The applications had been told, and had agreed, too. */
    APPLICATION;

    public boolean atLeast(Consistency other) {
        return compareTo(other) >= 0;
    }

    /** The name that people, configuration and {@code --json} use. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Consistency> ofLabel(String label) {
        for (Consistency consistency : values()) {
            if (consistency.label().equals(label)) {
                return Optional.of(consistency);
            }
        }
        return Optional.empty();
    }
}
