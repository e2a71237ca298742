package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One holder per state directory, from before the journal's file is looked at until it is closed. H2's own lock is not
 * enough: it begins with the file, which is created and replaced under this one, and it lets a second connection of the
 * same process in. The kernel drops the lock with the process, however that ends.
 */
final class Lock implements AutoCloseable {
    private final FileChannel channel;

    private Lock(FileChannel channel) {
        this.channel = channel;
    }

    static Lock take(Path directory) throws IOException {
        Path file = directory.resolve("journal.lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new Lock(channel);
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw held(directory, e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw held(directory, null);
    }

    private static JournalException held(Path directory, Exception cause) {
        return new JournalException(
                Kind.HELD,
                "journal in " + directory + ": another process has it open; no run can be read or started until it ends",
                cause);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
