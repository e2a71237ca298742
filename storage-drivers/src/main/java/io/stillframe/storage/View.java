package io.stillframe.storage;

import java.nio.file.Path;

/** The answer to the wish to read a snapshot's volume. */
public sealed interface View {
    /** A raw disk at a path: a block device or a file, which nobody can write to through this path. */
    record Opened(Path path) implements View {}

    /** It cannot be read now, and nothing was changed. */
    record Refused(String reason) implements View {}
}
