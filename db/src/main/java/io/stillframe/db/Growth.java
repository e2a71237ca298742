package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much a file has grown since it was opened, and so compacted where that was worth it. What a file of hundreds of
 * megabytes holds takes a while to copy, so it may grow to several times of that, by a gibibyte at most, before it is copied
 * again.
 *
 * @param opened its size then, in bytes
 */
record Growth(Path file, long opened) {
    /** Up to here garbage does not matter. */
    static final long SMALL_BYTES = 32L * 1024 * 1024;

    private static final int TIMES = 8;
    private static final long MOST_BYTES = 1L << 30;

    static Growth of(Path file) throws IOException {
        return new Growth(file, Files.size(file));
    }

    boolean isLarge() {
        try {
            return Files.size(file) > Math.max(SMALL_BYTES, Math.min(TIMES * opened, opened + MOST_BYTES));
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot look at " + file + ": " + e, e);
        }
    }
}
