package io.stillframe.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The machine's own file system. */
final class LocalDisk implements Disk {
    /**
     * H2's asynchronous channel: with the ordinary one an interrupt closes the file under everybody ({@link
     * java.nio.channels.ClosedByInterruptException}), and the release of a guest could not be journaled.
     */
    @Override
    public String scheme() {
        return "async:";
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void deleteIfExists(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncNames(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
