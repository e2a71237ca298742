package io.stillframe.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.h2.store.fs.FilePath;

/**
 * The file system as the journal uses it, by way of H2 and by itself: all that decides what a power loss leaves. Only to
 * look, and to lock, goes past it.
 */
interface Disk {
    /** What stands before a path for H2: the file system that it reaches it by, with a colon. */
    String scheme();

    /** In one step, over whatever has the name. */
    void rename(Path from, Path to) throws IOException;

    void deleteIfExists(Path file) throws IOException;

    /** Waits until the names in a directory are on the disk. */
    void syncNames(Path directory) throws IOException;

    /** Opens a file that is there, to be read and written by a thread that may be interrupted. */
    default FileChannel open(Path file) throws IOException {
        return FilePath.get(scheme() + file).open("rw");
    }
}
