package io.stillframe.config;

import java.util.List;
import java.util.Objects;

/** What came of reading a configuration file. */
public sealed interface Loaded {
    /** The file is good. */
    record Valid(Settings settings) implements Loaded {
        public Valid {
            Objects.requireNonNull(settings, "settings");
        }
    }

    /** The file is not good: everything that is wrong with it, by line. Nothing of it is used. */
    record Invalid(List<Problem> problems) implements Loaded {
        public Invalid {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("invalid, and nothing wrong");
            }
        }
    }
}
