package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;

/** The journal's file, held by this process and open. */
final class JournalFile implements AutoCloseable {
    private final FileChannel lock;
    private final Connection connection;
    private final RandomAccessFile disk;

    private JournalFile(FileChannel lock, Connection connection, RandomAccessFile disk) {
        this.lock = lock;
        this.connection = connection;
        this.disk = disk;
    }

    static JournalFile open(Path directory, long compactAbove) {
        Path file = directory.toAbsolutePath().resolve("journal" + Database.SUFFIX);
        if (!Database.canName(file)) {
            throw new JournalException(
                    Kind.IO, "the journal's path may have no semicolon and no backslash: " + file, null);
        }
        FileChannel lock = null;
        Connection connection = null;
        try {
            lock = hold(file.resolveSibling("journal.lock"));
            new Draft(file).settle(compactAbove);
            connection = Database.open(file);
            connection.setAutoCommit(false);
            // open as long as H2 has it open: the first descriptor closed drops the process's locks on a file (POSIX)
            return new JournalFile(lock, connection, new RandomAccessFile(file.toFile(), "rw"));
        } catch (SQLException e) {
            throw closing(Failures.using("cannot open " + file, e), connection, lock);
        } catch (IOException e) {
            throw closing(new JournalException(Kind.IO, "cannot open " + file + ": " + e, e), connection, lock);
        } catch (RuntimeException e) {
            throw closing(e, connection, lock);
        }
    }

    Connection connection() {
        return connection;
    }

    /**
     * Waits until all that was written is on the disk. Not by way of H2, whose own checkpoint holds its lock meanwhile;
     * not by way of a channel, which an interrupt would close.
     */
    void sync() {
        try {
            disk.getFD().sync();
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot force the journal to disk: " + e, e);
        }
    }

    @Override
    public void close() {
        JournalException failure = new JournalException(Kind.IO, "cannot close the journal", null);
        closing(failure, connection, disk, lock);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** H2's own lock is on the file, and would not see another one take its name. */
    private static FileChannel hold(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // held by this process: held all the same
        }
        throw closing(new JournalException(Kind.HELD, "another process has the journal open: " + file, null), channel);
    }

    private static <E extends Exception> E closing(E failure, AutoCloseable... open) {
        for (AutoCloseable each : open) {
            try {
                if (each != null) {
                    each.close();
                }
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }
}
