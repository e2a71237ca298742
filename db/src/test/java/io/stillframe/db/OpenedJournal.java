package io.stillframe.db;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A new journal for each test. */
abstract class OpenedJournal {
    @TempDir
    Path directory;

    Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    void reopen() {
        close();
        open();
    }
}
