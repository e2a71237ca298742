package io.stillframe.config;

import java.nio.file.Path;
import java.util.Objects;

/**
 * One thing that is wrong with a configuration file.
 *
 * @param line from 1; 0 where it is the file as a whole
 * @param path which setting: {@code freeze-limit}, {@code policies.nightly.keep[2]}; empty where it is none in particular
 * @param message what is wrong with it
 * @param expected what would be right; empty where that goes without saying
 */
public record Problem(Path file, int line, String path, String message, String expected) {
    public Problem {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(expected, "expected");
    }

    /** As people read it: {@code stillframe.yaml:12: freeze-limit: '10 sec' is not a duration; expected …}. */
    @Override
    public String toString() {
        return file
                + (line > 0 ? ":" + line : "")
                + ": "
                + (path.isEmpty() ? "" : path + ": ")
                + message
                + (expected.isEmpty() ? "" : "; expected " + expected);
    }
}
