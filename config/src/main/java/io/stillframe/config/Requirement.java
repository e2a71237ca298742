package io.stillframe.config;

import java.util.Locale;

/** The consistency that is asked for, from the weakest to the strongest. What was reached is not the configuration's. */
public enum Requirement {
    CRASH,
    FILESYSTEM,
    APPLICATION;

    /** The word in the file: {@code filesystem}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
