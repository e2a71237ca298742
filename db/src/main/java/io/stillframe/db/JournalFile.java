package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The journal's file, held by this process and open. */
final class JournalFile implements AutoCloseable {
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Disk disk;
    private final FileChannel lock;
    private final Connection connection;
    private final Forcing forcing;
    private final Growth growth;
    private final List<AutoCloseable> others = new ArrayList<>();

    private JournalFile(Growth growth, Disk disk, FileChannel lock, Connection connection, Forcing forcing) {
        this.growth = growth;
        this.disk = disk;
        this.lock = lock;
        this.connection = connection;
        this.forcing = forcing;
    }

    static JournalFile open(Path directory, long compactAbove, Disk disk) {
        Path file = in(directory);
        if (!Database.canName(file)) {
            throw new JournalException(
                    Kind.IO, "the journal's path may have no semicolon and no backslash: " + file, null);
        }
        FileChannel lock = null;
        Connection connection = null;
        try {
            lock = hold(file);
            new Draft(file, disk).settle(compactAbove);
            connection = Database.open(disk, file);
            connection.setAutoCommit(false);
            // open as long as H2 has it open: the first descriptor closed drops the process's locks on a file (POSIX)
            return new JournalFile(Growth.of(file), disk, lock, connection, Forcing.open(disk, file));
        } catch (SQLException e) {
            throw closing(Failures.using("cannot open " + file, e), connection, lock);
        } catch (IOException e) {
            throw closing(new JournalException(Kind.IO, "cannot open " + file + ": " + e, e), connection, lock);
        } catch (RuntimeException e) {
            throw closing(e, connection, lock);
        }
    }

    /** The file is all there is to a journal: H2 writes no trace, and a draft is nothing. */
    static Path setAside(Path directory, Instant at) {
        Path file = in(directory);
        try {
            FileChannel lock = hold(file);
            try (lock) {
                Path aside = nameAside(file, at);
                Files.move(file, aside);
                new LocalDisk().syncNames(file.getParent());
                return aside;
            }
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot set " + file + " aside: " + e, e);
        }
    }

    /** {@code unreadable-} and the time, and a number from 2 on where that exists. */
    static Path nameAside(Path file, Instant at) {
        String suffix = ".unreadable-" + SECOND.format(at);

        Path name = file.resolveSibling(file.getFileName() + suffix);
        for (int number = 2; Files.exists(name, LinkOption.NOFOLLOW_LINKS); number++) {
            name = file.resolveSibling(file.getFileName() + suffix + "-" + number);
        }
        return name;
    }

    private static Path in(Path directory) {
        return directory.toAbsolutePath().resolve("journal" + Database.SUFFIX);
    }

    Connection connection() {
        return connection;
    }

    /** Another connection, until the file is closed: what is committed on one is seen on all. */
    Connection connect() throws SQLException {
        Connection another = Database.open(disk, growth.file());
        others.add(another);
        another.setAutoCommit(false);
        return another;
    }

    boolean isLarge() {
        return growth.isLarge();
    }

    void force() {
        try {
            forcing.force();
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot force the journal to disk: " + e, e);
        }
    }

    @Override
    public void close() {
        JournalException failure = new JournalException(Kind.IO, "cannot close the journal", null);
        closing(failure, others.toArray(AutoCloseable[]::new));
        closing(failure, connection, forcing, lock);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** H2's own lock is on the file, and would not see another one take its name. */
    private static FileChannel hold(Path journal) throws IOException {
        Path file = journal.resolveSibling("journal.lock");
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
            } catch (Exception e) { // AutoCloseable declares no less
                failure.addSuppressed(e);
            }
        }
        return failure;
    }
}
