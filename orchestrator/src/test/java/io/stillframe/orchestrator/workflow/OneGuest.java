package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Journal;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A world with one guest that has one disk, and its journal on the disk of this machine. */
abstract class OneGuest {
    @TempDir
    Path images;

    @TempDir
    Path directory;

    Journal journal;
    World world;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
        world = World.ofOneDisk(images, journal);
    }

    @AfterEach
    void close() {
        journal.close();
    }
}
